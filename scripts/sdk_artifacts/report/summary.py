"""A release as Markdown, for the summary of a CI job. Pure."""

import re
from collections.abc import Iterator

from . import percent, size
from .view import File, View

_PLAIN = re.compile(r"[^A-Za-z0-9 .,;+%/-]")


def summary(view: View) -> str:
    """A heading, a table with a row for each file, and what is missing or warned of."""
    return "\n".join(_lines(view)) + "\n"


def escaped(text: str) -> str:
    """Text in which nothing is Markdown or HTML, on one line."""
    return _PLAIN.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def _lines(view: View) -> Iterator[str]:
    release = view.release
    state = "complete" if release.complete else "NOT complete"
    yield f"## codex-cli-bin {escaped(release.version)}: {state}"
    yield ""
    passed = sum(check.status == "passed" for check in view.outcomes)
    whole = f"{size(view.total)}, {percent(view.total / view.project_limit)} of a project's {size(view.project_limit)}"
    yield f"{len(view.wheels)} runtime wheels ({whole}); {passed} of {len(view.outcomes)} checks passed."
    yield ""
    yield f"| file | size | of {size(view.limit)} | SHA-256 | checks | run here |"
    yield "| --- | ---: | ---: | --- | --- | --- |"
    yield from (_row(file) for file in view.files)
    yield ""
    yield from (f"- not made: {escaped(name)}" for name in release.missing)
    warnings = [f"- {escaped(file.title)}: {escaped(warning)}" for file in view.files for warning in file.warnings]
    if warnings:
        yield f"\n<details><summary>{len(warnings)} warnings</summary>\n"
        yield from warnings
        yield "\n</details>"


def _row(file: File) -> str:
    checks = file.record.checks
    failed = [name for name, check in checks.items() if check.status not in ("passed", "not applicable")]
    cells = (
        escaped(file.title),
        size(file.record.size),
        percent(file.share),
        f"`{re.sub(r'[^0-9a-f]', '', file.record.sha256)[:16]}`",
        escaped(", ".join(failed)) + " FAILED" if failed else "passed",
        "; ".join(map(escaped, file.ran)) or "no",
    )
    return f"| {' | '.join(cells)} |"
