"""Why the bundled executable would not run: `python -m codex_cli_bin --doctor [--deep] [--json]`."""

import hashlib
import json
import sys
import sysconfig
from collections.abc import Iterator
from errno import ENOENT
from pathlib import Path
from typing import Any

from . import _EXECUTABLE, RuntimeUnavailable, _directory
from ._findings import Finding, Installed, blocking, lost_mode, wrong_size
from ._machine import interpreter_machine, machine_of

USAGE = "usage: python -m codex_cli_bin --doctor [--deep] [--json]\n"


def main(options: list[str]) -> int:
    """Examine, and write the report to stdout; 0 when nothing is wrong, 1 with findings, 2 for an unknown option."""
    if unknown := set(options) - {"--deep", "--json"}:
        sys.stderr.write(f"{USAGE}unknown: {', '.join(sorted(unknown))}\n")
        return 2
    report = examine(deep="--deep" in options)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a path may have any character
    sys.stdout.write(json.dumps(report, indent=2) + "\n" if "--json" in options else _text(report))
    return 0 if report["ok"] else 1


def examine(*, deep: bool) -> dict[str, Any]:
    """What is installed and what is wrong with it, as a JSON document.

    Args:
        deep: compare the digest of every file with the manifest's.
    """
    installed = Installed.look(_directory(), _EXECUTABLE)
    findings = list(blocking(installed))
    findings += _files(installed, deep=deep)
    machine = machine_of(installed.executable) if installed.executable.is_file() else None
    manifest = installed.manifest
    return {
        "schema": 1,
        "ok": not findings,
        "executable": str(installed.executable),
        "installed_in": _origin(installed.directory),
        "version": manifest.get("version"),
        "upstream_version": manifest.get("upstream_version"),
        "target": manifest.get("target"),
        "machine": machine and str(machine),
        "interpreter": sys.executable,
        "interpreter_machine": str(interpreter_machine()),
        "components": manifest.get("components", []),
        "digests_compared": deep,
        "findings": [finding._asdict() for finding in findings],
    }


def cause(error: OSError | None = None) -> RuntimeUnavailable:
    """The error to raise when the executable cannot be used; `error` is what the system said when it was tried."""
    installed = Installed.look(_directory(), _EXECUTABLE)
    for finding in blocking(installed):
        return RuntimeUnavailable(*finding)
    path = installed.executable
    if error is not None and error.errno == ENOENT:  # the file is there, so what is missing is the loader that it names
        message = f"{path} needs a program loader that is not on this system: it is made for another C library"
        return RuntimeUnavailable("loader-missing", message, installed.reinstall())
    said = error.strerror if error is not None else "no permission to use it"
    deeper = f"{sys.executable} -m codex_cli_bin --doctor --deep"
    return RuntimeUnavailable("not-runnable", f"{path} cannot be run: {said}", deeper)


def _files(installed: Installed, *, deep: bool) -> Iterator[Finding]:
    """What is wrong with the files of the manifest, beyond what keeps the executable from starting."""
    for name, facts in installed.manifest.get("files", {}).items():
        path = installed.directory / name
        if path.is_file():
            if path != installed.executable:
                yield from wrong_size(installed, path)
                yield from lost_mode(installed, path)
            if deep and path.stat().st_size == facts["size"] and _sha256(path) != facts["sha256"]:
                yield Finding("changed", f"{path} has other bytes than were installed", installed.reinstall())
        elif path != installed.executable:
            yield Finding("helper-missing", f"{path} is missing", installed.reinstall())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _origin(directory: Path) -> str:
    import site  # noqa: PLC0415 - `python -S` runs without it

    if directory.parent == Path(site.getusersitepackages()):
        return "user site-packages"
    if directory.parent in {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
        return "site-packages"
    return "elsewhere: an editable install, --target, or PYTHONPATH"


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"executable   {report['executable']}",
        f"installed in {report['installed_in']}",
        f"version      {report['version'] or 'unknown'}",
        f"machine      {report['machine'] or 'unknown'}",
        f"interpreter  {report['interpreter']}, {report['interpreter_machine']}",
        f"components   {', '.join(report['components']) or 'none'}",
    ]
    lines += [f"{item['cause']}: {item['message']}; fix: {item['fix']}" for item in report["findings"]]
    if report["ok"]:
        lines.append("ok: every file is as installed" if report["digests_compared"] else "ok: nothing wrong was found")
    return "\n".join(lines) + "\n"
