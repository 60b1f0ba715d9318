"""Numbers to the geometry of small drawings; the template draws them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 96
_MARGIN = 8
_ROOM = 1.08  # so that the longest bar does not touch the edge


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar against a limit, in thousandths of the drawing's width."""

    length: int
    limit: int

    @property
    def over(self) -> int:
        """How much of it lies beyond the limit."""
        return max(0, self.length - self.limit)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through values, in a drawing of WIDTH by HEIGHT; `points` from the left to the right."""

    points: tuple[tuple[float, float], ...]

    @property
    def path(self) -> str:
        """The points as an SVG path has them."""
        return "M" + " L".join(f"{x:g} {y:g}" for x, y in self.points)

    @property
    def area(self) -> str:
        """The path closed along the lower edge."""
        (first, _), (last, _) = self.points[0], self.points[-1]
        return f"{self.path} L{last:g} {HEIGHT} L{first:g} {HEIGHT} Z"


def bars(sizes: Sequence[int], limit: int) -> tuple[Bar, ...]:
    """A bar for each size, all to one scale that has room for the limit."""
    scale = 1000 / (max(*sizes, limit, 1) * _ROOM) if sizes else 0
    return tuple(Bar(round(size * scale), round(limit * scale)) for size in sizes)


def line(values: Sequence[float]) -> Line:
    """A line through at least one value, to a scale of at least a tenth of the largest: small changes look small."""
    lowest, highest = min(values), max(values)
    span = max(highest - lowest, abs(highest) / 10) or 1.0
    middle = (lowest + highest) / 2
    step = (WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)
    first = WIDTH / 2 if len(values) == 1 else _MARGIN
    tall = HEIGHT - 4 * _MARGIN
    return Line(
        tuple(
            (round(first + step * number, 1), round(HEIGHT / 2 - (value - middle) / span * tall, 1))
            for number, value in enumerate(values)
        )
    )
