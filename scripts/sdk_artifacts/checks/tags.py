"""Whether each tag is true of each native file, and file name and WHEEL tell the same tags."""

from collections.abc import Iterator

from .. import tags as platform_tags
from ..binaries.facts import NativeFile
from ..errors import ToolkitError
from ..wheels import Wheel
from .findings import CheckResult, Finding, Question, collect, outcome, strictly

ANY = "any"


def check_tags(wheel: Wheel, question: Question) -> CheckResult:
    """Hold every platform tag against every native file inside."""
    findings = collect((readable, agreement, purity, truth), wheel, question)
    files = natives(wheel)
    reason = f"{len(files)} native files, true to {len(claimed(wheel))} platform tags"
    return outcome("tags", findings, reason if files else "no native file inside")


def natives(wheel: Wheel) -> dict[str, NativeFile]:
    """The native files inside, by member."""
    return {name: content.native for name, content in sorted(wheel.contents.items()) if content.native is not None}


def truest(wheel: Wheel) -> tuple[str, ...]:
    """The platform tags that would be true; `any` without native files; none when no tag can be."""
    files = natives(wheel)
    return platform_tags.truest(files, shipped=wheel.files) if files else (ANY,)


def claimed(wheel: Wheel) -> tuple[str, ...]:
    """The platform tags of the file name and of WHEEL."""
    named = {*wheel.file_name.platforms} if wheel.file_name else set()
    said = {tag.rpartition("-")[2] for tag in _said(wheel)}
    return tuple(sorted(named | said))


def readable(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """The members of which nothing is known: they could be anything."""
    for name, content in wheel.contents.items():
        if content.problem:
            yield Finding("error", f"whether the tags are true of it is unknown: {content.problem}", name)
        elif content.malformed:
            yield Finding("error", f"a malformed native file: {content.malformed}", name)


def agreement(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the file name and WHEEL stand for the same tags."""
    parts = wheel.file_name
    if parts is None:
        yield Finding("error", f"{wheel.path.name!r} is no wheel's file name: it gives no tags")
        return
    named = {f"{py}-{abi}-{platform}" for py in parts.pythons for abi in parts.abis for platform in parts.platforms}
    said = wheel.wheel_tags
    lowered = {tag.lower() for tag in named}  # as installers read it
    for tag in sorted(lowered - said):
        yield Finding("error", f"{tag} is in the file name, but not in WHEEL")
    for tag in sorted(said - lowered):
        yield Finding("error", f"{tag} is in WHEEL, but not in the file name")


def purity(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether Root-Is-Purelib fits what is inside."""
    said = [value.lower() for value in wheel.wheel_fields.get("root-is-purelib", [])]
    files = natives(wheel)
    if said not in (["true"], ["false"]):
        yield Finding("error", f"WHEEL: Root-Is-Purelib is {', '.join(said) or 'absent'}", right="true or false")
    elif said == ["true"] and files:
        yield Finding(
            strictly(wheel, others="warning"),
            "WHEEL says Root-Is-Purelib, but native files are inside",
            next(iter(files)),
            "false",
        )
    if not files and claimed(wheel) != (ANY,):
        message = f"no native file inside, yet the platform tags {', '.join(claimed(wheel))}"
        yield Finding(strictly(wheel, others="warning"), message, right=ANY)


def truth(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Which tag is not true of which file."""
    files = natives(wheel)
    if not files:
        return
    best = truest(wheel)
    right = (
        f"the truest tags: {'.'.join(best)}" if best else "; ".join(platform_tags.why_none(files, shipped=wheel.files))
    )
    for tag in claimed(wheel):
        for name, native in files.items():
            if tag == ANY:  # some pure packages carry launchers for several platforms, as data that they hand out
                yield Finding(
                    strictly(wheel, others="warning"), f"is not {ANY}: a native file runs on one platform", name, right
                )
                continue
            for problem in platform_tags.contradictions(tag, name, native, shipped=wheel.files):
                yield Finding("error", problem.removeprefix(f"{name} "), name, right)


def _said(wheel: Wheel) -> frozenset[str]:
    try:
        return wheel.wheel_tags
    except ToolkitError:  # said by `agreement`
        return frozenset()
