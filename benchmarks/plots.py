"""Figures drawn as SVG: no scripts, no fonts of their own, light or dark as the reader's screen is."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from benchmarks.measure import Figure

WIDTH = 420
ROW, HEAD, FOOT, SIDE = 38, 30, 34, 14
PANEL, LEFT, RIGHT = 230, 46, 34
STYLE = """
.paper{fill:#fff}
text{font:12px system-ui,sans-serif;fill:#1f2328;stroke:#fff;stroke-width:4px;paint-order:stroke}
.small{font-size:11px;fill:#59636e}
.title{font-weight:600}
.grid{stroke:#d1d9e0}
.same{stroke:#59636e;stroke-dasharray:3 3}
.reach{stroke:#59636e;stroke-width:2}
.a{stroke:#0969da;fill:#0969da}
.b{stroke:#bc4c00;fill:#bc4c00}
path{stroke-width:1.5;fill:none!important}
text.a,text.b{stroke:none}
@media(prefers-color-scheme:dark){
.paper{fill:#0d1117}
text{fill:#e6edf3;stroke:#0d1117}
.small{fill:#9198a1}
.grid{stroke:#3d444d}
.same,.reach{stroke:#9198a1}
.a{stroke:#58a6ff;fill:#58a6ff}
.b{stroke:#f0883e;fill:#f0883e}
}
"""
NICE = [step * 10.0**power for power in range(-4, 7) for step in (1, 2, 5)]
FINE = [step * 10.0**power for power in range(-4, 7) for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)]
FEWEST_TICKS, MOST_TICKS = 2, 6


class Scale:
    """A logarithmic axis from `begin` to `end` (in pixels) that holds all `values`."""

    def __init__(self, values: Iterable[float], begin: float, end: float) -> None:
        known = [value for value in values if value > 0]
        self.low, self.high = min(known) / 1.15, max(known) * 1.15
        self.begin, self.end = begin, end

    def at(self, value: float) -> float:
        """Where `value` is."""
        part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return round(self.begin + part * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        """Round values to write along it; decades only, when there would be too many."""
        inside = [value for value in NICE if self.low <= value <= self.high]
        decades = [value for value in inside if math.log10(value).is_integer()]
        if len(inside) < FEWEST_TICKS:
            return [value for value in FINE if self.low <= value <= self.high]
        if len(inside) <= MOST_TICKS:
            return inside
        return decades if len(decades) >= FEWEST_TICKS else inside[::2]


def dots(title: str, figures: Sequence[Figure]) -> str:
    """Ratios, one below the other: a dot, its spread, and the mark to reach."""
    height = HEAD + ROW * len(figures) + FOOT
    ends = [value for each in figures for value in (each.lowest, each.highest, each.reach or each.value)]
    scale = Scale([*ends, 1.0], SIDE + 4, WIDTH - SIDE - 4)
    bottom = height - FOOT
    parts = [_text(SIDE, 19, title, "title"), *_upright_grid(scale, HEAD, bottom)]
    for row, figure in enumerate(figures):
        y = HEAD + ROW * row + 27
        parts += [
            _text(SIDE, y - 10, figure.what),
            _text(WIDTH - SIDE, y - 10, f"{figure.value:.3g}", anchor="end"),
            _path(f"M{scale.at(figure.lowest)} {y}H{scale.at(figure.highest)}", "a"),
            f'<circle class="a" cx="{scale.at(figure.value)}" cy="{y}" r="4"/>',
        ]
        if figure.reach is not None:
            parts.append(_path(f"M{scale.at(figure.reach)} {y - 6}v12", "reach"))
    parts.append(_text(SIDE, height - 4, "ratio, less is better; dashed: the same; upright: to reach", "small"))
    return _svg(height, title, parts)


def curves(title: str, along: str, lines: Mapping[str, Sequence[Figure]]) -> str:
    """How figures grow: one line each, with the spread at every point."""
    figures = [figure for line in lines.values() for figure in line]
    unit = figures[0].unit
    across = Scale([figure.at or 1.0 for figure in figures], LEFT, WIDTH - RIGHT)
    ends = [value for figure in figures for value in (figure.lowest, figure.highest)]
    up = Scale(ends if unit else [*ends, 1.0], PANEL - FOOT - 8, HEAD + 8)
    parts = [_text(SIDE, 19, title, "title"), *_level_grid(up, unit)]
    places = sorted({figure.at or 1.0 for figure in figures})
    parts += [_text(across.at(at), PANEL - FOOT + 10, f"{at:,.0f}", "small", anchor="middle") for at in places]
    parts.append(_text(WIDTH - SIDE, PANEL - 5, along, "small", anchor="end"))
    for kind, (name, line) in zip("ab", lines.items(), strict=False):
        aside = 3 if kind == "b" else 0  # two spreads on one another could not be read
        parts += _line(line, kind, lambda figure, aside=aside: across.at(figure.at or 1.0) + aside, up)
        if len(lines) > 1:
            parts.append(_text(SIDE + 60 * "ab".index(kind), PANEL - 5, f"● {name}", kind))
    return _svg(PANEL, title, parts)


def _line(line: Sequence[Figure], kind: str, across: Callable[[Figure], float], up: Scale) -> list[str]:
    parts = [_path("M" + "L".join(f"{across(figure)} {up.at(figure.value)}" for figure in line), kind)]
    for figure in line:
        parts.append(_path(f"M{across(figure)} {up.at(figure.lowest)}V{up.at(figure.highest)}", kind))
        parts.append(f'<circle class="{kind}" cx="{across(figure)}" cy="{up.at(figure.value)}" r="3"/>')
    return parts


def _upright_grid(scale: Scale, top: float, bottom: float) -> list[str]:
    parts = []
    for tick in scale.ticks():
        x = scale.at(tick)
        parts.append(_path(f"M{x} {top}V{bottom}", "same" if tick == 1 else "grid"))
        parts.append(_text(x, bottom + 14, f"{tick:g}", "small", anchor="middle"))
    return parts


def _level_grid(scale: Scale, unit: str) -> list[str]:
    parts = []
    for tick in scale.ticks():
        y = scale.at(tick)
        parts.append(_path(f"M{LEFT} {y}H{WIDTH - SIDE}", "same" if tick == 1 and not unit else "grid"))
        parts.append(_text(LEFT - 6, y + 4, f"{tick:g}", "small", anchor="end"))
    return parts


def _path(line: str, kind: str) -> str:
    return f'<path class="{kind}" d="{line}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: float, title: str, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{STYLE}</style>'
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"
