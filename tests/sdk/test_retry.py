import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import (
    InternalServerError,
    RetryLimitReachedError,
    ServerBusyError,
    is_retryable_error,
    retry_on_overload,
)
from codex_app_server.retry import backoff

QUICK = {"first_delay_seconds": 1e-6, "longest_delay_seconds": 1e-5}
BUSY = ServerBusyError("busy", code=-32001)


class Flaky:
    """Busy so many times, then as told."""

    def __init__(self, times, then="done"):
        self.calls, self.times, self.then = 0, times, then

    def __call__(self):
        self.calls += 1
        if self.calls <= self.times:
            raise BUSY
        if isinstance(self.then, Exception):
            raise self.then
        return self.then

    async def later(self):
        return self()


def in_both_worlds(test):
    def sync(flaky, _run, **options):
        return retry_on_overload(flaky, **options)

    def asynchronous(flaky, run, **options):
        async def main():
            return await retry_on_overload(flaky.later, **options)

        return run(main())

    return pytest.mark.parametrize("retry", [sync, asynchronous])(test)


@in_both_worlds
def test_an_overloaded_server_is_asked_again(retry, run):
    flaky = Flaky(5)
    assert retry(flaky, run, **QUICK) == "done"
    assert flaky.calls == 6


@in_both_worlds
@pytest.mark.parametrize(
    "error",
    [InternalServerError("m", code=-32603), RetryLimitReachedError("m", code=-1), ValueError("m"), TimeoutError()],
)
def test_nothing_else_is(retry, run, error):
    flaky = Flaky(1, then=error)
    with pytest.raises(type(error)):
        retry(flaky, run, **QUICK)
    assert flaky.calls == 2


@in_both_worlds
def test_it_stops_after_so_many_attempts(retry, run):
    flaky = Flaky(100)
    with pytest.raises(ServerBusyError):
        retry(flaky, run, max_attempts=3, **QUICK)
    assert flaky.calls == 3


@in_both_worlds
def test_it_does_not_wait_past_the_deadline(retry, run):
    flaky = Flaky(100)
    with pytest.raises(ServerBusyError):
        retry(flaky, run, deadline_seconds=0.01, first_delay_seconds=1000.0, longest_delay_seconds=2000.0)
    assert flaky.calls == 1


@given(st.floats(0, 10), st.floats(0, 10))
def test_pauses_double_and_jitter_never_passes_the_cap(first, longest):
    pauses = list(itertools.islice(backoff(first, longest), 12))
    for number, pause in enumerate(pauses):
        bound = min(first * 2**number, longest)
        assert bound / 2 <= pause <= bound


def test_only_overload_is_retryable():
    assert is_retryable_error(BUSY)
    assert not is_retryable_error(InternalServerError("m", code=-32603))
    assert not is_retryable_error(ConnectionError())
