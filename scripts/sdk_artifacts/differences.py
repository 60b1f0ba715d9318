"""What differs between two sets of wheels, wheel by wheel. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .portraits import Member, Portrait
from .tags.promises import promises

_DERIVED = ("*.dist-info/RECORD",)  # it lists the others, so it changes whenever anything does


class MemberChange(msgspec.Struct, frozen=True):
    """One file inside that was added (`old` is None), removed (`new` is None) or changed."""

    name: str
    old: Member | None
    new: Member | None


class FieldChange(msgspec.Struct, frozen=True):
    """One field of METADATA, with the values that only the one wheel has and those that only the other has."""

    name: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


class WheelChange(msgspec.Struct, frozen=True, kw_only=True):
    """One wheel of a project: added (`old` is None), removed (`new` is None), changed, or the same byte for byte.

    Attributes:
        platforms: what it is for, of the newer one where there are two.
        old: file name, as `new`; sizes in bytes.
        tags: the platform tags as a field of two wheels.
    """

    project: str
    platforms: tuple[str, ...]
    old: str | None
    new: str | None
    old_size: int
    new_size: int
    identical: bool
    tags: FieldChange
    members: tuple[MemberChange, ...]
    fields: tuple[FieldChange, ...]


Pair = tuple[Portrait | None, Portrait | None]


def differences(old: Sequence[Portrait], new: Sequence[Portrait]) -> tuple[WheelChange, ...]:
    """A change for every wheel of either side; those for the same platforms belong together.

    One wheel on each side belong together whatever they are.
    """
    return tuple(_change(*pair) for pair in _paired(old, new))


def platforms_of(wheel: Portrait) -> frozenset[str]:
    """The platforms that its tags name, true or not."""
    return frozenset(platform for tag in wheel.tags for platform in promises(tag))


def by_project(wheels: Sequence[Portrait]) -> Mapping[str, list[Portrait]]:
    """The wheels of each project, in the order of the projects' names."""
    found: dict[str, list[Portrait]] = {}
    for wheel in sorted(wheels, key=lambda wheel: (wheel.project, wheel.name)):
        found.setdefault(wheel.project, []).append(wheel)
    return found


def _paired(old: Sequence[Portrait], new: Sequence[Portrait]) -> Iterator[Pair]:
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    olds, news = by_project(old), by_project(new)
    for project in sorted(olds.keys() | news.keys()):
        yield from _paired_of_project(olds.get(project, []), news.get(project, []))


def _paired_of_project(old: list[Portrait], new: list[Portrait]) -> Iterator[Pair]:
    """First those for equal platforms, then those that share the most of them; what is left has no counterpart."""
    left = list(old)
    pairs: dict[str, Portrait] = {}
    for least in (1.0, 0.0):
        for wheel in new:
            near = max(left, key=lambda other: _likeness(other, wheel), default=None)
            if wheel.name not in pairs and near and (likeness := _likeness(near, wheel)) >= least and likeness:
                pairs[wheel.name] = near
                left.remove(near)
    yield from ((pairs.get(wheel.name), wheel) for wheel in new)
    yield from ((wheel, None) for wheel in left)


def _likeness(one: Portrait, other: Portrait) -> float:
    """How much of the platforms of both is common to both, from 0 to 1."""
    these, those = platforms_of(one), platforms_of(other)
    return len(these & those) / max(1, len(these | those))


def _change(old: Portrait | None, new: Portrait | None) -> WheelChange:
    shown = new or old
    assert shown is not None  # noqa: S101 - a pair has at least one
    return WheelChange(
        project=shown.project,
        platforms=tuple(sorted(platforms_of(shown))),
        old=old.name if old else None,
        new=new.name if new else None,
        old_size=old.size if old else 0,
        new_size=new.size if new else 0,
        identical=bool(old and new and old.sha256 == new.sha256),
        tags=_field("tags", old.tags if old else (), new.tags if new else ()),
        members=tuple(_members(old.members, new.members)) if old and new else (),
        fields=tuple(_fields(old.fields, new.fields)) if old and new else (),
    )


def _members(old: Mapping[str, Member], new: Mapping[str, Member]) -> Iterator[MemberChange]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and name not in _DERIVED:
            yield MemberChange(name, old.get(name), new.get(name))


def _fields(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> Iterator[FieldChange]:
    for name in sorted(old.keys() | new.keys()):
        change = _field(name, old.get(name, ()), new.get(name, ()))
        if change.removed or change.added:
            yield change


def _field(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> FieldChange:
    return FieldChange(
        name, tuple(value for value in old if value not in new), tuple(value for value in new if value not in old)
    )
