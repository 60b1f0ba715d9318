"""The same names as in `test_codex.py`, which is the one to read first; what only tasks can do stands at the end."""

import asyncio
import re

import pytest

from codex_app_server import (
    AppServerConfig,
    AsyncCodex,
    AsyncTurn,
    BinaryNotFoundError,
    ConnectionClosedError,
    RequestTimeoutError,
    TurnFailedError,
    TurnTimeoutError,
    UsageError,
)
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk.fake_methods import HELLO
from sdk.fake_turns import ASKED, ENDLESS, wish
from sdk.posix import NOWHERE


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex on the fake server."""

    def with_codex(work, **options):
        async def main():
            async with AsyncCodex(config(**options)) as codex:
                await work(codex)

        run(main())

    return with_codex


async def asked(codex, method):
    """The params of the next request of that method that reached the server."""
    async for each in codex.client.notifications():
        if each.method == "fake/asked" and each.params.raw["method"] == method:
            return each.params.raw["params"]
    raise AssertionError(method)


async def all_of(events):
    return [each async for each in events]


def test_it_is_ready_with_the_servers_metadata(with_codex):
    async def work(codex):
        told = codex.metadata
        assert (told.version, told.platform_os, told.codex_home) == (GENERATED_FROM, "linux", "/h")
        assert told.user_agent == f"codex_app_server_sdk/{GENERATED_FROM} (fake)"

    with_codex(work)


def test_an_executable_that_is_not_there_is_told(run):
    with pytest.raises(BinaryNotFoundError, match=re.escape(f"codex_bin: {NOWHERE}: it does not exist")):
        run(AsyncCodex(AppServerConfig(), codex_bin="/nowhere").models())


def test_closing_is_repeatable_and_final(with_codex):
    async def work(codex):
        await codex.close()
        await codex.close()
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await codex.models()

    with_codex(work)


def test_a_handle_sends_nothing(with_codex):
    async def work(codex):
        assert codex.thread("h").id == "h"
        await codex.client.notify(HELLO)
        events = codex.client.notifications()
        assert {(await anext(events)).method for _ in range(3)} == {"configWarning", "fake/heard"}

    with_codex(work)


@pytest.mark.parametrize("name", ASKED)
def test_each_method_asks_for_what_it_says(with_codex, name):
    async def work(codex):
        ask, method, params = ASKED[name]
        await ask(codex)
        assert await asked(codex, method) == params

    with_codex(work)


def test_threads_come_back_as_handles(with_codex):
    async def work(codex):
        assert (await codex.thread_start()).id == "thread-1"
        for each in (codex.thread_resume, codex.thread_fork, codex.thread_unarchive):
            assert (await each("h")).id == "h"

    with_codex(work)


def test_a_wrong_option_is_a_type_error_that_names_the_nearest(with_codex):
    async def work(codex):
        with pytest.raises(TypeError, match="thread/start has no 'modle'; did you mean 'model'"):
            await codex.thread_start(modle="m")
        with pytest.raises(TypeError, match="turn/start has no 'output_shema'; did you mean 'output_schema'"):
            await codex.thread("h").run("hi", output_shema={})

    with_codex(work)


def test_an_input_that_cannot_be_meant_so_is_refused(with_codex):
    async def work(codex):
        with pytest.raises(UsageError, match="give at least one item"):
            await codex.thread("h").run([])

    with_codex(work)


def test_running_gives_the_result(with_codex):
    async def work(codex):
        result = await codex.thread("h").run(wish(deltas=5), effort="low")
        assert (result.status, result.final_response, result.usage.last.total_tokens) == ("completed", "xxxxx", 7)
        given = [{"type": "text", "text": wish(deltas=5)}]
        assert await asked(codex, "turn/start") == {"threadId": "h", "input": given, "effort": "low"}

    with_codex(work)


def test_a_failed_turn_is_a_result_that_raises_on_request(with_codex):
    async def work(codex):
        error = {"message": "overloaded", "codexErrorInfo": "serverOverloaded"}
        result = await codex.thread("h").run(wish(status="failed", error=error))
        assert result.error.codex_error_info == "serverOverloaded"
        with pytest.raises(TurnFailedError, match="overloaded"):
            result.raise_for_status()

    with_codex(work)


def test_a_stream_has_only_its_turn_from_the_first_event_to_the_end(with_codex):
    async def work(codex):
        first = await codex.thread("h").turn(wish(deltas=2))
        second = await codex.thread("h").turn(wish(deltas=2, eventsFirst=True))
        for turn in (second, first):
            events = await all_of(turn.stream())
            assert [each.method for each in events][:: len(events) - 1] == ["turn/started", "turn/completed"]
            assert events[0].params.turn.id == events[-1].params.turn.id == turn.id
            assert "".join(each.params.delta for each in events if each.method == "item/agentMessage/delta") == "xx"

    with_codex(work)


def test_a_stream_left_early_goes_on_where_it_was_left(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=50))
        async for each in turn.stream():
            if each.method == "item/agentMessage/delta":
                break
        assert len(await all_of(turn.stream())) == 55 - 3
        assert await all_of(turn.stream()) == []
        assert (await turn.run()).status == "completed"

    with_codex(work)


def test_two_handles_on_one_turn_both_complete(with_codex):
    async def work(codex):
        first = await codex.thread("h").turn(wish(endless=True, turnId="t"))
        second = await codex.thread("h").turn(wish(turnId="t"))
        assert first.id == second.id == "t"
        for events in await asyncio.gather(all_of(first.stream()), all_of(second.stream())):
            assert events[-1].method == "turn/completed"
        assert await first.run() == await second.run()

    with_codex(work)


def test_who_comes_after_the_end_gets_the_recorded_result(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=1))
        assert len(await all_of(turn.stream())) == 6
        await codex.close()
        assert (await turn.run()).final_response == "x"
        assert await turn.run() == await turn.run()

    with_codex(work)


def test_giving_up_at_a_deadline_interrupts_the_turn(with_codex):
    async def work(codex):
        for timeouts in ({"turn_timeout_seconds": 0.05}, {"idle_timeout_seconds": 0.05}):
            turn = await codex.thread("h").turn(ENDLESS)
            with pytest.raises(TurnTimeoutError):
                await turn.run(**timeouts)
            assert await asked(codex, "turn/interrupt") == {"threadId": "h", "turnId": turn.id}
            assert (await turn.run()).status == "interrupted"

    with_codex(work)


def test_the_configuration_has_the_deadlines(with_codex):
    async def work(codex):
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
            await codex.thread("h").run(ENDLESS)
        with pytest.raises(TurnTimeoutError, match=r"did not end within 0.06 s"):
            await codex.thread("h").run(ENDLESS, turn_timeout_seconds=0.06, idle_timeout_seconds=None)

    with_codex(work, idle_timeout_seconds=0.05)


def test_a_caller_that_is_interrupted_interrupts_the_turn(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(ENDLESS)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(turn.run(), 0.05)
        assert (await turn.run()).status == "interrupted"

    with_codex(work)


@pytest.mark.parametrize("act", [AsyncTurn.interrupt, lambda turn: turn.steer("more")])
def test_what_a_server_refuses_because_the_turn_has_not_begun_is_asked_again_when_it_has(with_codex, act):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(endless=True, asleep=True))
        await act(turn)
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"

    with_codex(work)


def test_a_turn_that_does_not_begin_is_not_awaited_for_ever(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(endless=True, asleep=True, deaf=True))
        with pytest.raises(RequestTimeoutError, match=r"turn/interrupt: the turn has not begun within 0.2 s"):
            await turn.interrupt(timeout_seconds=0.2)

    with_codex(work)


def test_interrupting_lets_a_turn_be_that_ends_meanwhile(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(asleep=True))
        await turn.interrupt()
        assert (await turn.run()).status == "completed"

    with_codex(work)


def test_steering_and_interrupting_name_the_turn(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(ENDLESS)
        await turn.steer(["more"])
        given = [{"type": "text", "text": "more"}]
        assert await asked(codex, "turn/steer") == {"threadId": "h", "expectedTurnId": turn.id, "input": given}
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"
        await turn.interrupt()

    with_codex(work)


def test_many_turns_run_at_once(with_codex):
    async def work(codex):
        results = await asyncio.gather(*(codex.thread(f"h{n}").run(wish(deltas=n)) for n in range(32)))
        assert [len(result.final_response) for result in results] == list(range(32))

    with_codex(work)


def test_what_is_not_read_in_time_is_counted(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=100_000))
        await codex.models()
        events = await all_of(turn.stream())
        assert turn.dropped_notifications > 0
        assert turn.dropped_notifications + len(events) == 100_005
        assert (await turn.run()).final_response == "x" * 100_000

    with_codex(work)
