"""A release as one page of HTML that needs nothing else, and as a few lines of Markdown."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .charts import HEIGHT, WIDTH
from .view import View

__all__ = ["html"]

_HERE = Path(__file__).parent
_MEBIBYTE, _GIBIBYTE = 1 << 20, 1 << 30


def html(view: View) -> str:
    """The page; whatever the release says stays text in it."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"size": size, "percent": percent, "measured": measured, "counted": counted}
    style = (_HERE / "style.css").read_text(encoding="utf-8")  # ours: the one text that is not escaped
    return environment.get_template("page.html.j2").render(view=view, style=style, width=WIDTH, height=HEIGHT)


def size(amount: float) -> str:
    """Bytes in the units that limits are told in: `133.2 MiB`."""
    for unit, name, places in ((_GIBIBYTE, "GiB", 2), (_MEBIBYTE, "MiB", 1), (1 << 10, "KiB", 1)):
        if amount >= unit:
            return f"{amount / unit:.{0 if amount % unit == 0 else places}f} {name}"
    return f"{amount:.0f} bytes"


def percent(share: float) -> str:
    """A share: `133 %`; below ten with a place more."""
    return f"{share:.1%}".replace("%", " %") if abs(share) < 0.1 else f"{share:.0%}".replace("%", " %")  # noqa: PLR2004


def counted(number: int, noun: str) -> str:
    """So many of them: `1 check`, `7 checks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def measured(value: float, unit: str) -> str:
    """A value of a series in its unit."""
    return size(value) if unit == "bytes" else f"{value:.3f}"
