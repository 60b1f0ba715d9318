from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import ConnectionClosedError
from codex_app_server._mailbox import EVENT_OVERHEAD_BYTES, PAUSES, Mailbox, is_delta, settle, wake
from codex_app_server._protocol import Event

SIZE = 100 + EVENT_OVERHEAD_BYTES


def sized(method, size):
    return Event(method, b"x" * size, None)


def events(*methods):
    return [Event(method, b"x" * 100, None) for method in methods]


def read(mailbox):
    mailbox.refill()
    return [mailbox.ready.pop().method for _ in range(len(mailbox.ready))]


def test_events_come_out_as_they_went_in():
    mailbox = Mailbox(10**6)
    mailbox.put(events("a", "b"))
    mailbox.put(events("c"))
    assert read(mailbox) == ["a", "b", "c"]
    assert mailbox.size_bytes == 3 * SIZE
    assert mailbox.refill()
    assert mailbox.size_bytes == 0


def test_a_reader_that_leaves_early_loses_nothing():
    mailbox = Mailbox(10**6)
    mailbox.put(events("a", "b"))
    mailbox.refill()
    mailbox.ready.pop()
    mailbox.put(events("c"))
    mailbox.refill()
    assert read(mailbox) == ["b"]
    assert read(mailbox) == ["c"]


def test_a_full_mailbox_gives_up_the_oldest_deltas_first():
    mailbox = Mailbox(4 * SIZE)
    mailbox.put(events("item/started", "a/delta", "b/outputDelta", "item/completed", "c/delta"))
    assert mailbox.dropped == 3
    assert read(mailbox) == ["item/started", "item/completed"]


def test_a_byte_too_many_costs_another_delta_and_nothing_that_is_no_delta():
    mailbox = Mailbox(6 * SIZE - 2)
    mailbox.put(events("item/completed", "a/delta", "b/delta", "c/delta", "d/delta", "turn/completed"))
    assert read(mailbox) == ["item/completed", "turn/completed"]


def test_without_deltas_it_gives_up_the_oldest_of_any_kind_but_not_the_newest():
    mailbox = Mailbox(4 * SIZE)
    mailbox.put(events("1", "2", "3", "4", "turn/completed"))
    assert read(mailbox) == ["4", "turn/completed"]
    mailbox.put([Event("turn/completed", b"x" * 10_000, None)])
    assert read(mailbox) == ["turn/completed"]


def test_the_newest_stays_however_large_it_is():
    mailbox = Mailbox(4 * SIZE)
    mailbox.put([*events("1"), sized("turn/completed", 10_000)])
    assert read(mailbox) == ["turn/completed"]


def test_an_exactly_full_mailbox_drops_nothing():
    mailbox = Mailbox(4 * SIZE)
    mailbox.put(events("a/delta", "b", "c", "d"))
    assert (mailbox.dropped, mailbox.size_bytes) == (0, 4 * SIZE)


@pytest.mark.parametrize("method", ["a/delta", "b"])
@pytest.mark.parametrize(("last_bytes", "dropped"), [(100, 3), (101, 4)])
def test_room_is_made_down_to_half_the_limit_and_no_further(method, last_bytes, dropped):
    mailbox = Mailbox(4 * SIZE)
    mailbox.put([*events(*[method] * 4), sized(method, last_bytes)])
    assert mailbox.dropped == dropped
    assert mailbox.size_bytes == (5 - dropped) * SIZE + last_bytes - 100


@given(st.lists(st.lists(st.sampled_from(["a/delta", "b"]), max_size=20), max_size=30))
def test_the_limit_holds_and_nothing_is_lost_uncounted(batches):
    mailbox = Mailbox(10 * SIZE)
    for batch in batches:
        mailbox.put(events(*batch))
        assert mailbox.size_bytes <= 10 * SIZE
    assert len(read(mailbox)) + mailbox.dropped == sum(map(len, batches))


def test_it_is_pressed_when_half_full_but_not_for_ever():
    mailbox = Mailbox(10 * SIZE)
    assert mailbox.pressed is False
    mailbox.put(events(*"abcde"))
    assert not mailbox.pressed
    for _ in range(PAUSES):
        mailbox.put(events(*"efghij"))
        assert mailbox.pressed
    mailbox.put(events(*"efghij"))
    assert not mailbox.pressed
    mailbox.refill()
    mailbox.put(events("k"))
    assert mailbox.pressed


def test_one_batch_wakes_every_waiter_once():
    mailbox = Mailbox(10**6)
    waiters = [Future(), Future()]
    for waiter in waiters:
        mailbox.wait(waiter)
    mailbox.put(events("a", "b"))
    assert [waiter.result(0) for waiter in waiters] == [None, None]


def test_a_waiter_that_gave_up_is_forgotten():
    mailbox, waiter = Mailbox(10**6), Future()
    mailbox.wait(waiter)
    mailbox.forget(waiter)
    mailbox.forget(waiter)
    mailbox.put(events("a"))
    assert not waiter.done()


def test_nobody_waits_when_there_is_something():
    mailbox, waiter = Mailbox(10**6), Future()
    mailbox.put(events("a"))
    mailbox.wait(waiter)
    assert waiter.done()


def test_the_end_wakes_who_waits_and_only_the_first_counts():
    mailbox, waiters = Mailbox(10**6), [Future(), Future()]
    waiters[0].cancel()
    for waiter in waiters:
        mailbox.wait(waiter)
    mailbox.close()
    mailbox.close(ConnectionClosedError("too late"))
    assert waiters[1].result(0) is None
    assert mailbox.refill() is False


def test_an_error_reaches_each_waiter_as_a_copy():
    waiters, error = [Future(), Future()], ConnectionClosedError("gone", exit_code=3)
    settle(waiters, error)
    raised = [waiter.exception(0) for waiter in waiters]
    assert [(str(each), each.exit_code) for each in raised] == [("gone", 3)] * 2
    assert len({id(each) for each in (*raised, error)}) == 3


def test_who_was_woken_is_forgotten():
    waiters = [Future()]
    woken = [*waiters]
    wake(waiters)
    assert (woken[0].done(), waiters) == (True, [])


def test_what_is_ready_is_taken_before_more_is_fetched():
    mailbox = Mailbox(10**6)
    mailbox.put(events("a"))
    assert mailbox.refill() is True
    assert mailbox.refill() is True


def test_the_end_comes_after_the_rest():
    mailbox = Mailbox(10**6)
    mailbox.put(events("a"))
    mailbox.close(ConnectionClosedError("gone"))
    assert read(mailbox) == ["a"]
    with pytest.raises(ConnectionClosedError, match="gone"):
        mailbox.refill()


@pytest.mark.parametrize("method", ["item/agentMessage/delta", "process/outputDelta", "item/reasoning/textDelta"])
def test_deltas_are_known_by_their_names(method):
    assert is_delta(method)
    assert not is_delta("item/completed")
    assert not is_delta(method.lower().removesuffix("delta") + "elta")
    assert not is_delta("item/undelta")
