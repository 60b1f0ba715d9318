"""Much at once on the real server; the same names as in `test_load.py`."""

import asyncio

import pytest

from e2e.sdk.outcomes import all_of, deltas_of, passing
from model_replies import Gate, says

pytestmark = pytest.mark.real

TURNS = 32
DELTAS = 50_000


def test_many_turns_stream_at_once(with_codex, model):
    gate = Gate()
    model.answers_all = lambda request: says(*request.texts[-1].split("-"), gate, "end")

    async def work(codex):
        async def stream(number):
            turn = await (await codex.thread_start()).turn(f"{number}-of-{TURNS}")
            return deltas_of(await all_of(turn.stream()))

        streams = [asyncio.ensure_future(stream(number)) for number in range(TURNS)]
        await passing(gate, TURNS)
        gate.open()
        assert await asyncio.gather(*streams) == [[str(n), "of", str(TURNS), "end"] for n in range(TURNS)]

    with_codex(work)


def test_many_turns_run_at_once(with_codex, model):
    gate = Gate()
    model.answers_all = lambda request: says(request.texts[-1], gate, "!")

    async def work(codex):
        async def result(number):
            return (await (await codex.thread_start()).run(f"turn {number}")).final_response

        results = [asyncio.ensure_future(result(number)) for number in range(TURNS)]
        await passing(gate, TURNS)
        gate.open()
        assert await asyncio.gather(*results) == [f"turn {n}!" for n in range(TURNS)]

    with_codex(work)


def test_every_delta_of_a_long_answer_comes_in_its_place(with_codex, model):
    async def work(codex):
        deltas = [f"{number:06} " for number in range(DELTAS)]
        model.replies(says(*deltas))
        turn = await (await codex.thread_start()).turn("count")
        assert deltas_of(await all_of(turn.stream())) == deltas
        assert turn.dropped_notifications == 0
        assert (await turn.run()).final_response == "".join(deltas)

    with_codex(work)
