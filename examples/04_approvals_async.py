"""Who decides on what the model wants to do outside its sandbox, with asyncio."""

import asyncio

from codex_app_server import ApprovalRequest, AsyncCodex, Decision, Sandbox, allow_commands


async def decide(request: ApprovalRequest) -> Decision:
    print(f"{request.kind}: {request.command}, because {request.reason}")
    await asyncio.sleep(0)  # ask whom you like; the connection goes on meanwhile
    return Decision.decline


async def main() -> None:
    policy = allow_commands([["git", "--version"], ["touch"]], otherwise=decide)
    async with AsyncCodex(approvals=policy) as codex:
        thread = await codex.thread_start(sandbox=Sandbox.read_only(), approval_policy="on-request")
        for prompt in ("Run `touch made.txt`.", "Run `rm made.txt`."):
            for item in (await thread.run(prompt)).items:
                if item.type == "commandExecution":
                    print(item.status)
        # -> completed
        # -> declined


asyncio.run(main())
