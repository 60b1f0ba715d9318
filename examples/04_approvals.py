"""Who decides on what the model wants to do outside its sandbox."""

from codex_app_server import ApprovalRequest, Codex, Decision, Sandbox, allow_commands


def decide(request: ApprovalRequest) -> Decision:
    print(f"{request.kind}: {request.command}, because {request.reason}")
    return Decision.decline


policy = allow_commands([["git", "--version"], ["touch"]], otherwise=decide)

with Codex(approvals=policy) as codex:
    thread = codex.thread_start(sandbox=Sandbox.read_only(), approval_policy="on-request")
    for prompt in ("Run `touch made.txt`.", "Run `rm made.txt`."):
        for item in thread.run(prompt).items:
            if item.type == "commandExecution":
                print(item.status)
    # -> completed
    # -> declined
