"""The same names as in `test_async_codex.py`."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from codex_app_server import (
    AppServerConfig,
    BinaryNotFoundError,
    Codex,
    ConnectionClosedError,
    RequestTimeoutError,
    Turn,
    TurnFailedError,
    TurnTimeoutError,
    UsageError,
)
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk.callers import press_ctrl_c
from sdk.fake_methods import HELLO
from sdk.fake_turns import ASKED, ENDLESS, wish
from sdk.posix import NOWHERE


@pytest.fixture
def codex(config):
    with Codex(config()) as codex:
        yield codex


def asked(codex, method):
    """The params of the next request of that method that reached the server."""
    for each in codex.client.notifications():
        if each.method == "fake/asked" and each.params.raw["method"] == method:
            return each.params.raw["params"]
    raise AssertionError(method)


def test_it_is_ready_with_the_servers_metadata(codex):
    told = codex.metadata
    assert (told.version, told.platform_os, told.codex_home) == (GENERATED_FROM, "linux", "/h")
    assert told.user_agent == f"codex_app_server_sdk/{GENERATED_FROM} (fake)"


def test_an_executable_that_is_not_there_is_told():
    with pytest.raises(BinaryNotFoundError, match=re.escape(f"codex_bin: {NOWHERE}: it does not exist")):
        Codex(AppServerConfig(), codex_bin="/nowhere")


def test_closing_is_repeatable_and_final(config):
    codex = Codex(config())
    codex.close()
    codex.close()
    with pytest.raises(ConnectionClosedError, match="the client was closed"):
        codex.models()


def test_a_handle_sends_nothing(codex):
    assert codex.thread("h").id == "h"
    codex.client.notify(HELLO)
    assert {each.method for _, each in zip(range(3), codex.client.notifications(), strict=False)} == {
        "configWarning",
        "fake/heard",
    }


@pytest.mark.parametrize("name", ASKED)
def test_each_method_asks_for_what_it_says(codex, name):
    work, method, params = ASKED[name]
    work(codex)
    assert asked(codex, method) == params


def test_threads_come_back_as_handles(codex):
    assert codex.thread_start().id == "thread-1"
    assert [codex.thread_resume("h").id, codex.thread_fork("h").id, codex.thread_unarchive("h").id] == ["h"] * 3


def test_a_wrong_option_is_a_type_error_that_names_the_nearest(codex):
    with pytest.raises(TypeError, match="thread/start has no 'modle'; did you mean 'model'"):
        codex.thread_start(modle="m")
    with pytest.raises(TypeError, match="turn/start has no 'output_shema'; did you mean 'output_schema'"):
        codex.thread("h").run("hi", output_shema={})


def test_an_input_that_cannot_be_meant_so_is_refused(codex):
    with pytest.raises(UsageError, match="give at least one item"):
        codex.thread("h").run([])


def test_running_gives_the_result(codex):
    result = codex.thread("h").run(wish(deltas=5), effort="low")
    assert (result.status, result.final_response, result.usage.last.total_tokens) == ("completed", "xxxxx", 7)
    assert asked(codex, "turn/start") == {
        "threadId": "h",
        "input": [{"type": "text", "text": wish(deltas=5)}],
        "effort": "low",
    }


def test_a_failed_turn_is_a_result_that_raises_on_request(codex):
    result = codex.thread("h").run(
        wish(status="failed", error={"message": "overloaded", "codexErrorInfo": "serverOverloaded"})
    )
    assert result.error.codex_error_info == "serverOverloaded"
    with pytest.raises(TurnFailedError, match="overloaded"):
        result.raise_for_status()


def test_a_stream_has_only_its_turn_from_the_first_event_to_the_end(codex):
    first, second = codex.thread("h").turn(wish(deltas=2)), codex.thread("h").turn(wish(deltas=2, eventsFirst=True))
    for turn in (second, first):
        events = list(turn.stream())
        assert [each.method for each in events][:: len(events) - 1] == ["turn/started", "turn/completed"]
        assert events[0].params.turn.id == events[-1].params.turn.id == turn.id
        assert "".join(each.params.delta for each in events if each.method == "item/agentMessage/delta") == "xx"


def test_a_stream_left_early_goes_on_where_it_was_left(codex):
    turn = codex.thread("h").turn(wish(deltas=50))
    for each in turn.stream():
        if each.method == "item/agentMessage/delta":
            break
    assert len(list(turn.stream())) == 55 - 3
    assert list(turn.stream()) == []
    assert turn.run().status == "completed"


def test_two_handles_on_one_turn_both_complete(codex):
    first, second = codex.thread("h").turn(wish(endless=True, turnId="t")), codex.thread("h").turn(wish(turnId="t"))
    assert first.id == second.id == "t"
    assert [each.method for each in first.stream()][-1] == "turn/completed"
    assert [each.method for each in second.stream()][-1] == "turn/completed"
    assert first.run() == second.run()


def test_who_comes_after_the_end_gets_the_recorded_result(codex):
    turn = codex.thread("h").turn(wish(deltas=1))
    assert len(list(turn.stream())) == 6
    codex.close()
    assert turn.run().final_response == "x"
    assert turn.run() == turn.run()


def test_giving_up_at_a_deadline_interrupts_the_turn(codex):
    for timeouts in ({"turn_timeout_seconds": 0.05}, {"idle_timeout_seconds": 0.05}):
        turn = codex.thread("h").turn(ENDLESS)
        with pytest.raises(TurnTimeoutError):
            turn.run(**timeouts)
        assert asked(codex, "turn/interrupt") == {"threadId": "h", "turnId": turn.id}
        assert turn.run().status == "interrupted"


def test_the_configuration_has_the_deadlines(config):
    with Codex(config(idle_timeout_seconds=0.05)) as codex:
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
            codex.thread("h").run(ENDLESS)
        with pytest.raises(TurnTimeoutError, match=r"did not end within 0.06 s"):
            codex.thread("h").run(ENDLESS, turn_timeout_seconds=0.06, idle_timeout_seconds=None)


def test_a_caller_that_is_interrupted_interrupts_the_turn(codex):
    turn = codex.thread("h").turn(ENDLESS)
    interrupter = threading.Timer(0.05, press_ctrl_c)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        turn.run()
    interrupter.join()
    assert turn.run().status == "interrupted"


@pytest.mark.parametrize("act", [Turn.interrupt, lambda turn: turn.steer("more")])
def test_what_a_server_refuses_because_the_turn_has_not_begun_is_asked_again_when_it_has(codex, act):
    turn = codex.thread("h").turn(wish(endless=True, asleep=True))
    act(turn)
    turn.interrupt()
    assert turn.run().status == "interrupted"


def test_a_turn_that_does_not_begin_is_not_awaited_for_ever(codex):
    turn = codex.thread("h").turn(wish(endless=True, asleep=True, deaf=True))
    with pytest.raises(RequestTimeoutError, match=r"turn/interrupt: the turn has not begun within 0.2 s"):
        turn.interrupt(timeout_seconds=0.2)


def test_interrupting_lets_a_turn_be_that_ends_meanwhile(codex):
    turn = codex.thread("h").turn(wish(asleep=True))
    turn.interrupt()
    assert turn.run().status == "completed"


def test_steering_and_interrupting_name_the_turn(codex):
    turn = codex.thread("h").turn(ENDLESS)
    turn.steer(["more"])
    assert asked(codex, "turn/steer") == {
        "threadId": "h",
        "expectedTurnId": turn.id,
        "input": [{"type": "text", "text": "more"}],
    }
    turn.interrupt()
    assert turn.run().status == "interrupted"
    turn.interrupt()


def test_many_turns_run_at_once(codex):
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda number: codex.thread(f"h{number}").run(wish(deltas=number)), range(32)))
    assert [len(result.final_response) for result in results] == list(range(32))


def test_what_is_not_read_in_time_is_counted(codex):
    turn = codex.thread("h").turn(wish(deltas=100_000))
    codex.models()
    events = list(turn.stream())
    assert turn.dropped_notifications > 0
    assert turn.dropped_notifications + len(events) == 100_005
    assert turn.run().final_response == "x" * 100_000
