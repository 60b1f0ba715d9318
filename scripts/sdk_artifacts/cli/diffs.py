"""The command that compares two releases, and its answer as people read it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options, paths
from ..terminal import Terminal, megabytes
from .door import Result, command

if TYPE_CHECKING:
    from ..commands.diff import Diff
    from ..differences import FieldChange, MemberChange, WheelChange
    from ..losses import Loss

_FENCE = "`````"
_AND = re.compile(r" AND (?![^(]*\))")  # not one in brackets


@command("diff", "Say what differs between two releases.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--index-url", metavar="URL", help="The index whose versions OLD and NEW may name.")
@click.option(
    "--changelog", type=options.PATH, default=paths.CHANGELOG, help="Where losses are noted.  [default: CHANGELOG.md]"
)
@click.option("--fenced", is_flag=True, help="As a code block for Markdown: whatever is in it stays text.")
def diff_command(
    *, old: str, new: str, index_url: str | None, changelog: Path, fenced: bool, reporter: Terminal
) -> Result:
    """Hold the wheels of NEW against those of OLD. Each is a wheel, a directory of wheels, or a version on an index.

    Told are files, sizes, tags, what native files need (libc, macOS, machine), their signatures, and all of METADATA:
    licenses, requirements, Python.

    Exit code 1: users lose something. A platform is gone, or takes a newer libc, macOS or Python than before, and the
    newest section of the changelog does not say so. It says so when one item of that section names the platform as it
    is printed here (`glibc x86_64`, `macOS arm64`, `Windows amd64`, `Python`) and the new floor (`2.28`), or
    `dropped` for a platform that is gone. A tag that is not true of what is inside keeps no platform.
    """
    from ..commands.diff import diff
    from ..index.addresses import find_index
    from ..registry.patience import Patience

    index = find_index(index_url, patience=Patience(), reporter=reporter) if index_url else None
    found = diff(old, new, index=index, changelog=changelog, reporter=reporter)
    text = "\n".join(_told(found, changelog))
    return Result(found, _fence(text) if fenced else text, passed=found.passed)


def _told(found: "Diff", changelog: Path) -> Iterator[str]:
    yield f"{found.old} -> {found.new}"
    for wheel in found.wheels:
        yield f"{wheel.project}, {', '.join(wheel.platforms)}"
        yield from (f"  {line}" for line in _wheel(wheel))
    yield from (_loss(loss, changelog) for loss in found.losses)
    if not found.losses:
        yield "no platform is gone, and none takes a newer system"


def _wheel(wheel: "WheelChange") -> Iterator[str]:
    if wheel.old is None or wheel.new is None:
        name = wheel.new or wheel.old
        yield f"{'added' if wheel.old is None else 'REMOVED'}: {name}, {megabytes(wheel.new_size or wheel.old_size)}"
        return
    if wheel.identical:
        yield f"the same, byte for byte: {wheel.new}, {megabytes(wheel.new_size)}"
        return
    yield f"size: {_sizes(wheel.old_size, wheel.new_size)}"
    yield from _field(wheel.tags)
    for member in wheel.members:
        yield from _member(member)
    for field in wheel.fields:
        yield from _field(field)


def _member(change: "MemberChange") -> Iterator[str]:
    old, new = change.old, change.new
    if new is None or old is None:
        kept, sign = (new, "+") if old is None else (old, "-")
        facts = "; ".join(filter(None, (kept.needs, kept.signature))) if kept else ""
        yield f"{sign} {change.name}: {megabytes(kept.size if kept else 0)}" + (f" ({facts})" if facts else "")
        return
    yield f"~ {change.name}: {_sizes(old.size, new.size)}"
    if old.needs != new.needs:
        yield f"    needs: {old.needs or 'nothing'} -> {new.needs or 'nothing'}"
    if old.signature != new.signature:
        yield f"    signature: {old.signature or 'none'} -> {new.signature or 'none'}"


def _field(change: "FieldChange") -> Iterator[str]:
    removed, added = change.removed, change.added
    if change.name == "license-expression":
        removed, added = _terms(removed, added), _terms(added, removed)
        if not removed and not added:
            yield f"{change.name}: the same terms in another order"
    if len(removed) == len(added) == 1:
        yield f"{change.name}: {removed[0]} -> {added[0]}"
        return
    yield from (f"{change.name}: - {value}" for value in removed)
    yield from (f"{change.name}: + {value}" for value in added)


def _terms(expressions: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The terms that only these license expressions have."""
    known = {term for other in others for term in _AND.split(other)}
    return tuple(term for each in expressions for term in _AND.split(each) if term not in known)


def _sizes(old: int, new: int) -> str:
    if old == new:
        return f"{megabytes(new)}, other bytes"
    sign = "+" if new > old else "-"
    share = f", {(new - old) / old:+.1%}" if old else ""
    return f"{megabytes(old)} -> {megabytes(new)} ({sign}{megabytes(abs(new - old))}{share})"


def _loss(loss: "Loss", changelog: Path) -> str:
    platform, word = loss.words
    old = f" {loss.old}" if loss.old else ""
    what = (
        f"GONE: {loss.project}: {platform}{old}"
        if loss.new is None
        else f"RAISED: {loss.project}: {platform}{old} -> {word}"
    )
    why = f" ({loss.why})" if loss.why else ""
    noted = (
        f"noted in {changelog.name}"
        if loss.noted
        else f"not noted: no item of {changelog.name} says `{platform}` and `{word}`"
    )
    return f"{what}{why}; {noted}"


def _fence(text: str) -> str:
    """A code block that nothing inside can end."""
    fence = _FENCE
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
