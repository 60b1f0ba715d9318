"""Tools that the server calls; the same names as in `test_tools.py`."""

import pytest

from codex_app_server import AsyncCodex, UsageError, tool
from sdk.fake_methods import ASK
from sdk.some_tools import BAD, GOOD, TOOLS, add, call_of


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex of the fake server."""

    def with_codex(work, **options):
        async def main():
            async with AsyncCodex(config(**options)) as codex:
                await work(codex)

        run(main())

    return with_codex


async def answer_to(codex, name, arguments, **others):
    """What the server gets for a call."""
    return (await codex.client.request(ASK, call_of(name, arguments, **others)))["answer"]["result"]


@pytest.mark.parametrize("case", GOOD)
def test_a_call_gives_what_the_function_returns(with_codex, case):
    async def work(codex):
        name, arguments, items = GOOD[case]
        await codex.thread_start(tools=TOOLS)
        assert await answer_to(codex, name, arguments) == {"contentItems": items, "success": True}

    with_codex(work)


@pytest.mark.parametrize("case", BAD)
def test_a_call_that_fails_tells_the_model_and_the_log_without_its_arguments(with_codex, case, caplog):
    async def work(codex):
        name, arguments, begin = BAD[case]
        await codex.thread_start(tools=TOOLS)
        answer = await answer_to(codex, name, arguments)
        [item] = answer["contentItems"]
        assert not answer["success"]
        assert item["text"].startswith(begin)
        assert "Traceback" not in item["text"]
        kind = begin.partition(":")[0]
        warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
        assert warnings[-1] == f"the tool {name!r} failed: {kind}"
        assert "s3cret" not in caplog.text

    with_codex(work)


def test_a_long_failure_is_cut_short(with_codex):
    async def work(codex):
        await codex.thread_start(tools=TOOLS)
        [item] = (await answer_to(codex, "fail", {"secret": "x" * 5000}))["contentItems"]
        assert len(item["text"]) == 1000

    with_codex(work)


def test_the_server_is_told_of_the_tools(with_codex):
    async def work(codex):
        await codex.thread_start(tools=[add])
        async for each in codex.client.notifications():
            if each.method == "fake/asked" and each.params.raw["method"] == "thread/start":
                params = each.params.raw["params"]
                break
        assert params["dynamicTools"] == [
            {
                "type": "function",
                "name": "add",
                "description": "Add two numbers.",
                "inputSchema": {
                    "type": "object",
                    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
            }
        ]

    with_codex(work)


def test_tools_belong_to_their_thread(with_codex):
    async def work(codex):
        await codex.thread_start(tools=[add])
        codex.thread("h", tools=TOOLS)
        assert not (await answer_to(codex, "show", {"what": "text"}))["success"]
        assert (await answer_to(codex, "show", {"what": "text"}, threadId="h"))["success"]

    with_codex(work)


def test_a_tool_of_a_namespace_is_another_one(with_codex):
    async def work(codex):
        await codex.thread_start(tools=[add])
        assert not (await answer_to(codex, "add", {"a": 1}, namespace="other"))["success"]

    with_codex(work)


def test_a_tool_may_call_back_into_the_client(with_codex):
    async def work(codex):
        @tool
        async def models() -> int:
            return len((await codex.models()).data)

        await codex.thread_start(tools=[models])
        assert (await answer_to(codex, "models", {}))["contentItems"] == [{"type": "inputText", "text": "0"}]

    with_codex(work)


def test_a_coroutine_function_has_its_own_half(with_codex):
    @tool
    async def later(x: int) -> int:
        return (await codex_of[0].client.request(ASK, {"method": "new/thing"}))["answer"]["id"] + x

    codex_of = []

    async def work(codex):
        codex_of.append(codex)
        await codex.thread_start(tools=[later, add])
        assert await answer_to(codex, "later", {"x": 1}) == {
            "contentItems": [{"type": "inputText", "text": "2"}],
            "success": True,
        }
        assert not (await answer_to(codex, "later", {"x": "1"}))["success"]
        assert (await answer_to(codex, "add", {"a": 1}))["success"]

    with_codex(work)


def test_two_tools_of_one_name_are_refused(with_codex):
    async def work(codex):
        with pytest.raises(UsageError, match="two tools are named 'add'; give one another"):
            await codex.thread_start(tools=[add, tool(name="add")(lambda: None)])

    with_codex(work)


def test_what_is_no_tool_is_refused(with_codex):
    async def work(codex):
        with pytest.raises(UsageError, match="is no tool; decorate the function with @tool"):
            await codex.thread_start(tools=[len])

    with_codex(work)


def test_tools_need_the_experimental_interface(with_codex):
    async def work(codex):
        with pytest.raises(UsageError, match=r"leave AppServerConfig\.experimental_api at True"):
            await codex.thread_start(tools=[add])

    with_codex(work, experimental_api=False)
