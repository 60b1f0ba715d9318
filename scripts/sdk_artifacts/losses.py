"""What users lose from one set of wheels to another: platforms, and systems too old; and whether that is told. Pure.

A platform counts where a tag names it and is true of what is inside: a tag that its own bytes contradict keeps nobody.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .differences import by_project
from .portraits import Portrait
from .tags.promises import ANY, promises

PYTHON = "Python"
DROPPED = "dropped"

_Floor = tuple[int, ...]
_PYTHONS = tuple((3, minor) for minor in range(60))
_SECTION = re.compile(r"^## .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^[-*] .*?(?=^[-*#] |^\s*$|\Z)", re.MULTILINE | re.DOTALL)


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One platform of a project that is gone, or that takes a newer system now.

    Attributes:
        platform: as the changelog must spell it: `glibc x86_64`, `macOS arm64`, `Windows amd64`, `Python`.
        old: the oldest version that would do before; empty for a platform without versions.
        new: the oldest that does now; None for a platform that is gone.
        why: a tag that still names the platform, and why it is not true; empty without one.
        noted: the changelog says so.
    """

    project: str
    platform: str
    old: str
    new: str | None
    why: str = ""
    noted: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """What the changelog must name in one item."""
        return self.platform, DROPPED if self.new is None else self.new


def losses(old: Sequence[Portrait], new: Sequence[Portrait], *, changelog: str) -> tuple[Loss, ...]:
    """Every loss, project by project; one wheel on each side are held against each other whatever they are."""
    if len(old) == len(new) == 1:
        pairs = [(old[0].project, list(old), list(new))]
    else:
        news = by_project(new)
        pairs = [(project, wheels, news.get(project, [])) for project, wheels in by_project(old).items()]
    section = newest_section(changelog)
    found = [loss for pair in pairs for loss in _losses(*pair)]
    return tuple(msgspec.structs.replace(loss, noted=is_noted(loss, section)) for loss in found)


def newest_section(changelog: str) -> str:
    """The first section of second level."""
    match = _SECTION.search(changelog)
    return match[0] if match else ""


def is_noted(loss: Loss, section: str) -> bool:
    """Whether one list item of the section names the platform, and the new floor or the word for its end."""
    items = [" ".join(match[0].split()) for match in _ITEM.finditer(section)]
    return any(all(_names(item, word) for word in loss.words) for item in items)


def _names(item: str, word: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(word)}(?!\w|\.\d)", item, re.IGNORECASE) is not None


def _losses(project: str, old: list[Portrait], new: list[Portrait]) -> Iterator[Loss]:
    before, after = _floors(old), _floors(new)
    everywhere = after.get(ANY)
    for platform, floor in sorted(before.items()):
        least = after.get(platform, everywhere)
        if least is None:
            yield Loss(project=project, platform=platform, old=_text(floor), new=None, why=_why(platform, new))
        elif least > floor:
            yield Loss(project=project, platform=platform, old=_text(floor), new=_text(least))
    first, now = _python_floor(old), _python_floor(new)
    if first and now and now > first:
        yield Loss(project=project, platform=PYTHON, old=_text(first), new=_text(now))


def _floors(wheels: Sequence[Portrait]) -> Mapping[str, _Floor]:
    """The oldest version of each platform that one of the wheels is for."""
    floors: dict[str, _Floor] = {}
    for wheel in wheels:
        for tag in wheel.tags:
            if tag not in wheel.untrue:
                for platform, floor in promises(tag).items():
                    floors[platform] = min(floor, floors.get(platform, floor))
    return floors


def _why(platform: str, wheels: Sequence[Portrait]) -> str:
    told = (wheel.untrue[tag] for wheel in wheels for tag in wheel.untrue if platform in promises(tag))
    return next(told, "")


def _python_floor(wheels: Sequence[Portrait]) -> _Floor | None:
    """The first Python that every wheel takes; None where nothing is said, or nothing that can be read."""
    try:
        wanted = [SpecifierSet(wheel.field("requires-python")) for wheel in wheels]
    except InvalidSpecifier:
        return None
    return next((python for python in _PYTHONS if all(_text(python) in each for each in wanted)), None)


def _text(version: _Floor) -> str:
    return ".".join(map(str, version))
