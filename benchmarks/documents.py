"""What is made of `figures.json`: the page in `docs/`, its plots, the table in README.md, and every quoted figure.

A quote is a number with a mark behind it that is not seen: `0.36<!--figure wheel_build.cpu_build-->`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import plots
from benchmarks.measure import Figure
from benchmarks.record import Record, figures_of
from sdk_artifacts import paths

HERE = Path(__file__).parent
TEMPLATE, README = HERE / "page.md", HERE / "README.md"
PAGE, PLOTS = paths.REPOSITORY / "docs" / "benchmarks.md", paths.REPOSITORY / "docs" / "benchmarks"
QUOTE = re.compile(r"(?P<number>[\d.]+)(?P<mark><!--figure (?P<key>\w+\.[\w.@]+)-->)")
TABLE = re.compile(r"(?<=<!--table begin-->\n).*?(?=<!--table end-->)", re.DOTALL)
SLOT = re.compile(r"^\{(?P<kind>table|plot|curves|rows|machine)(?: (?P<names>.*))?\}$", re.MULTILINE)

CURVES = {
    "growth_turns": ("Wall of turns at once, against a raw reader", "turns at once"),
    "growth_messages": ("Wall of one answer, against reading its line", "kB of an answer"),
    "growth_threads": ("Wall of listing, against the same by hand", "threads"),
    "release_wall.targets": ("Wall of a release, against plain hatchling", "targets"),
    "growth_payload.cpu": ("CPU of a build, against plain hatchling", "MB of payload"),
    "growth_payload.memory": ("Peak memory of a build, MiB", "MB of payload"),
}
"""By the beginning of their figures' names: a title, and what lies along the axis."""


class UnknownFigure(LookupError):
    """A document names a figure that was not measured."""


def write(record: Record) -> list[Path]:
    """Make everything anew; what has changed."""
    changed = []
    for path, text in rendered(record).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def rendered(record: Record) -> dict[Path, str]:
    """Every file that has figures in it, as it has to be.

    Raises:
        UnknownFigure: one is quoted that there is not.
    """
    figures = figures_of(record)
    made = {PLOTS / f"{name}.svg": svg for name, svg in _plots(figures)}
    made[PAGE] = _quoted(SLOT.sub(lambda slot: _fill(slot, record, figures), TEMPLATE.read_text("utf-8")), figures)
    told = [figure for figure in figures.values() if figure.reach is not None]
    for path in quoting():
        text = path.read_text(encoding="utf-8")
        if path == README:
            text = TABLE.sub(lambda _: _table(told), text)
        made[path] = _quoted(text, figures)
    return made


def quoting() -> list[Path]:
    """The documents that may quote figures; the page is made of its template."""
    root = paths.REPOSITORY
    found = [README, root / "README.md", *root.glob("sdk-python*/README.md"), *root.glob("docs/**/*.md")]
    return sorted(set(found) - {PAGE})


def shown(figure: Figure) -> str:
    """The value as it is quoted: three digits."""
    return f"{figure.value:.3g}"


def _quoted(text: str, figures: dict[str, Figure]) -> str:
    def fresh(quote: re.Match[str]) -> str:
        if quote["key"] not in figures:
            raise UnknownFigure(f"{quote[0]} is quoted, but never measured")
        return shown(figures[quote["key"]]) + quote["mark"]

    return QUOTE.sub(fresh, text)


def _plots(figures: dict[str, Figure]) -> Iterator[tuple[str, str]]:
    single = defaultdict(list)
    for figure in figures.values():
        if figure.at is None and not figure.unit:
            single["sdk" if figure.name.startswith("sdk") else "wheels"].append(figure)
    for name, group in single.items():
        title = {"sdk": "The SDK against its peers and its limits", "wheels": "The toolkit against plain ways"}[name]
        yield name, plots.dots(title, group)
    for begin, (title, along) in CURVES.items():
        lines = defaultdict(list)
        for figure in sorted(figures.values(), key=lambda figure: figure.at or 0):
            if figure.at is not None and figure.name.startswith(begin):
                lines[figure.name.rpartition(".")[2]].append(figure)
        if lines:
            yield begin, plots.curves(title, along, lines)


def _fill(slot: re.Match[str], record: Record, figures: dict[str, Figure]) -> str:
    names = (slot["names"] or "").split()
    match slot["kind"]:
        case "table":
            wanted = [figure for figure in figures.values() if figure.name.partition(".")[0] in names]
            return _table(figure for figure in wanted if figure.at is None).rstrip()
        case "plot":
            return "\n".join(f"![{name}: every number is in the tables below](benchmarks/{name}.svg)" for name in names)
        case "curves":
            drawn = [name for name in names if any(key.startswith(name) for key in figures)]
            return "\n".join(f"![{CURVES[name][0]}](benchmarks/{name}.svg)" for name in drawn)
        case "rows":
            return _rows(record.get(names[0], {}).get(names[1], []))
        case _:
            return "\n".join(sorted({_machine(entry) for entry in record.values()}))


def _table(figures: Iterable[Figure]) -> str:
    lines = ["| what | against | measured | spread | to reach |", "|---|---|---|---|---|"]
    for figure in figures:
        reach = "" if figure.reach is None else f"{figure.reach:.3g}{figure.unit}"
        value = shown(figure) + figure.unit
        value = value if figure.reached else f"**{value}**"
        spread = f"{figure.lowest:.3g} to {figure.highest:.3g}" if figure.lowest < figure.highest else ""
        lines.append(f"| {figure.what} | {figure.against} | {value} | {spread} | {reach} |")
    return "\n".join(lines) + "\n"


def _rows(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Not measured yet."
    head = list(rows[0])
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(str(row[key]) for key in head)} |" for row in rows)])


def _machine(entry: dict[str, Any]) -> str:
    machine = entry["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in entry["versions"].items())
    return (
        f"- {entry['measured']}: {machine['processors']} processors ({machine['processor']}), "
        f"{machine.get('memory_gib')} GiB, {machine['system']}, Python {machine['python']}; {packages}"
    )
