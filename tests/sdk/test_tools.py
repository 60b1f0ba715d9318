"""Tools that the server calls; the same names as in `test_async_tools.py`."""

import pytest

from codex_app_server import Codex, UsageError, tool
from sdk.fake_methods import ASK
from sdk.some_tools import BAD, GOOD, TOOLS, add, call_of


@pytest.fixture
def codex(config):
    with Codex(config()) as codex:
        yield codex


def answer_to(codex, name, arguments, **others):
    """What the server gets for a call."""
    return codex.client.request(ASK, call_of(name, arguments, **others))["answer"]["result"]


@pytest.mark.parametrize("case", GOOD)
def test_a_call_gives_what_the_function_returns(codex, case):
    name, arguments, items = GOOD[case]
    codex.thread_start(tools=TOOLS)
    assert answer_to(codex, name, arguments) == {"contentItems": items, "success": True}


@pytest.mark.parametrize("case", BAD)
def test_a_call_that_fails_tells_the_model_and_the_log_without_its_arguments(codex, case, caplog):
    name, arguments, begin = BAD[case]
    codex.thread_start(tools=TOOLS)
    answer = answer_to(codex, name, arguments)
    [item] = answer["contentItems"]
    assert not answer["success"]
    assert item["text"].startswith(begin)
    assert "Traceback" not in item["text"]
    kind = begin.partition(":")[0]
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert warnings[-1] == f"the tool {name!r} failed: {kind}"
    assert "s3cret" not in caplog.text


def test_a_long_failure_is_cut_short(codex):
    codex.thread_start(tools=TOOLS)
    [item] = answer_to(codex, "fail", {"secret": "x" * 5000})["contentItems"]
    assert len(item["text"]) == 1000


def test_the_server_is_told_of_the_tools(codex):
    codex.thread_start(tools=[add])
    told = (each.params.raw for each in codex.client.notifications() if each.method == "fake/asked")
    params = next(each["params"] for each in told if each["method"] == "thread/start")
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


def test_tools_belong_to_their_thread(codex):
    codex.thread_start(tools=[add])
    codex.thread("h", tools=TOOLS)
    assert not answer_to(codex, "show", {"what": "text"})["success"]
    assert answer_to(codex, "show", {"what": "text"}, threadId="h")["success"]


def test_a_tool_of_a_namespace_is_another_one(codex):
    codex.thread_start(tools=[add])
    assert not answer_to(codex, "add", {"a": 1}, namespace="other")["success"]


def test_a_tool_may_call_back_into_the_client(codex):
    @tool
    def models() -> int:
        return len(codex.models().data)

    codex.thread_start(tools=[models])
    assert answer_to(codex, "models", {})["contentItems"] == [{"type": "inputText", "text": "0"}]


def test_a_coroutine_function_has_its_own_half(codex):
    @tool
    async def later(x: int) -> int:
        return x

    with pytest.raises(UsageError, match="tool 'later' is a coroutine function; write a plain one, or use AsyncCodex"):
        codex.thread_start(tools=[later])


def test_two_tools_of_one_name_are_refused(codex):
    with pytest.raises(UsageError, match="two tools are named 'add'; give one another"):
        codex.thread_start(tools=[add, tool(name="add")(lambda: None)])


def test_what_is_no_tool_is_refused(codex):
    with pytest.raises(UsageError, match="is no tool; decorate the function with @tool"):
        codex.thread_start(tools=[len])


def test_tools_need_the_experimental_interface(config):
    with (
        Codex(config(experimental_api=False)) as codex,
        pytest.raises(UsageError, match=r"leave AppServerConfig\.experimental_api at True"),
    ):
        codex.thread_start(tools=[add])
