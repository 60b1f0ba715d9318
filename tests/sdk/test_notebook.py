"""A notebook: cells with `await` at their top, run one by one on a loop that runs on, as ipykernel does."""

import ast
import asyncio
import inspect
import sys

from sdk.conftest import FAKE

CELLS = (
    "from codex_app_server import AppServerConfig, AsyncCodex, Codex, Method",
    "config = AppServerConfig(launch_args_override=[python, fake])\ncodex = AsyncCodex(config)",
    "thread = await codex.thread_start()\nturn = await thread.turn('{\"deltas\": 3}')",
    "texts = [event.params.delta async for event in turn.stream() if event.method.endswith('/delta')]",
    "result = await turn.run()",
    # The sync half neither needs a loop nor minds one.
    "with Codex(config) as sync:\n    answer = sync.client.request(Method('fake/echo', dict, dict), {'a': 1})",
    "await codex.close()",
)


def test_cells_share_a_client_on_a_running_loop(run):
    names = {"python": sys.executable, "fake": str(FAKE)}

    async def run_cell(source):
        code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        outcome = eval(code, names)
        if inspect.iscoroutine(outcome):
            await outcome

    async def main():
        for source in CELLS:
            await asyncio.create_task(run_cell(source))

    run(main())
    assert names["texts"] == ["x"] * 3
    assert names["result"].final_response == "xxx"
    assert names["answer"] == {"a": 1}
