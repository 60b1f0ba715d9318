"""What a piece of work costs the process that does it."""

from time import perf_counter, process_time


class Cost:
    """Wall and CPU seconds since it was made; `check` holds the count to what was expected."""

    def __init__(self) -> None:
        self.wall, self.cpu = perf_counter(), process_time()

    def report(self, counted: int, expected: int) -> dict[str, float]:
        """What it took until now."""
        wall, cpu = perf_counter() - self.wall, process_time() - self.cpu
        assert counted == expected, (counted, expected)
        return {"wall": wall, "cpu": cpu}
