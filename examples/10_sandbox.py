"""What the model's commands may touch."""

from pathlib import Path

from codex_app_server import ApprovalPolicy, Codex, Sandbox

with Codex() as codex:
    thread = codex.thread_start(sandbox=Sandbox.read_only(), approval_policy=ApprovalPolicy.NEVER)
    thread.run("Run `touch a.txt`.")
    print(Path("a.txt").exists())  # -> False

    more = Sandbox.workspace_write(network=False, slash_tmp=False)
    thread.run("Run `touch b.txt`.", sandbox_policy=more)  # for this turn and those that follow
    print(Path("b.txt").exists())  # -> True
