"""Much at once on the real server; the same names as in `test_async_load.py`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.sdk.outcomes import deltas_of
from model_replies import Gate, says

pytestmark = pytest.mark.real

TURNS = 32
DELTAS = 50_000


def test_many_turns_stream_at_once(codex, model):
    gate = Gate()
    model.answers_all = lambda request: says(*request.texts[-1].split("-"), gate, "end")

    def stream(number):
        return deltas_of(codex.thread_start().turn(f"{number}-of-{TURNS}").stream())

    with ThreadPoolExecutor(TURNS) as pool:
        streams = [pool.submit(stream, number) for number in range(TURNS)]
        gate.wait_until_reached(TURNS)
        gate.open()
        assert [each.result() for each in streams] == [[str(n), "of", str(TURNS), "end"] for n in range(TURNS)]


def test_many_turns_run_at_once(codex, model):
    gate = Gate()
    model.answers_all = lambda request: says(request.texts[-1], gate, "!")
    with ThreadPoolExecutor(TURNS) as pool:
        results = [pool.submit(lambda n: codex.thread_start().run(f"turn {n}"), number) for number in range(TURNS)]
        gate.wait_until_reached(TURNS)
        gate.open()
        assert [each.result().final_response for each in results] == [f"turn {n}!" for n in range(TURNS)]


def test_every_delta_of_a_long_answer_comes_in_its_place(codex, model):
    deltas = [f"{number:06} " for number in range(DELTAS)]
    model.replies(says(*deltas))
    turn = codex.thread_start().turn("count")
    assert deltas_of(turn.stream()) == deltas
    assert turn.dropped_notifications == 0
    assert turn.run().final_response == "".join(deltas)
