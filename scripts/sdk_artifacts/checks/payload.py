"""The payload of our own wheels: the locked bytes, all of them, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

from .. import paths
from ..lock import Lock
from ..stage import SCHEMA
from ..targets import Target
from ..targets import Wheel as TargetWheel
from ..wheels import MANIFEST, OUR_PACKAGE, OUR_PROJECT, Wheel
from .findings import CheckResult, Finding, Question, collect, outcome
from .signatures import signatures


def check_payload(wheel: Wheel, question: Question) -> CheckResult:
    """Hold our payload against the lock, the target's data and the manifest; other projects' wheels have none."""
    if not wheel.is_ours:
        return CheckResult(
            "payload", "not applicable", f"the lock knows nothing of this wheel: it is not {OUR_PROJECT}"
        )
    if question.identity(wheel.file_name) is None:
        right = "one of: " + ", ".join(each.tag for target in question.targets.values() for each in target.wheels)
        finding = Finding("error", "no target under platforms/ makes a wheel with these platform tags", right=right)
        return outcome("payload", [finding], "")
    parts = (identity, against_manifest, required, package, against_lock, signatures)
    held = f"{len(wheel.payload)} files equal "
    if question.lock and _is_pinned(wheel, question.lock):
        held += f"the lock's {question.lock.version}"
    else:
        held += "the wheel's own manifest; the lock has another version"
    return outcome("payload", collect(parts, wheel, question), held)


def is_locked(wheel: Wheel, question: Question) -> bool:
    """Whether every file of the payload is, byte for byte, one that the lock names for this very wheel."""
    if question.lock is None or question.identity(wheel.file_name) is None or not _is_pinned(wheel, question.lock):
        return False
    return not collect((required, against_lock), wheel, question)


def identity(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether the manifest names the target, the wheel and the executable that the file name stands for."""
    target, named = _identity(wheel, question)
    manifest = wheel.manifest
    holds_path = any(path.startswith(f"{target.path_directory}/") for path in wheel.payload)
    stated = {
        "schema": (manifest.schema, SCHEMA),
        "target": (manifest.target, target.triple),
        "wheel": (manifest.wheel, named.name),
        "executable": (manifest.executable, target.executable),
        "path_directory": (manifest.path_directory, target.path_directory if holds_path else None),
        "components": (sorted(manifest.components), sorted(named.components)),
    }
    for key, (found, right) in stated.items():
        if found != right:
            yield Finding(
                "error", f"the manifest's `{key}` is {found!r}, not what the tags stand for", MANIFEST, repr(right)
            )
    parts = wheel.file_name
    if parts and (parts.pythons, parts.abis) != (("py3",), ("none",)):
        yield Finding("error", f"the wheel says {'.'.join(parts.pythons)}-{'.'.join(parts.abis)}", right="py3-none")


def against_manifest(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether the manifest lists exactly the payload's files with their sizes, hashes and modes."""
    target, _ = _identity(wheel, question)
    listed = wheel.manifest.files
    for path in sorted(listed.keys() - wheel.payload.keys()):
        yield Finding("error", "the manifest lists it, the wheel lacks it", f"{OUR_PACKAGE}/{path}")
    for path, content in sorted(wheel.payload.items()):
        name = f"{OUR_PACKAGE}/{path}"
        if (stated := listed.get(path)) is None:
            yield Finding("error", "unexpected: the manifest does not list it", name)
            continue
        if content.sha256 and (content.size, content.sha256) != (stated.size, stated.sha256):
            yield Finding(
                "error", "other bytes than the manifest says", name, f"{stated.size} bytes, sha256 {stated.sha256}"
            )
        mode = f"{wheel.files[name].mode & 0o7777:04o}"
        if not mode == stated.mode == target.mode_of(path):
            message = f"mode {mode}, the manifest says {stated.mode}"
            yield Finding("error", message, name, target.mode_of(path))


def required(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether each file that the wheel's components need is there, and none is of another component."""
    target, named = _identity(wheel, question)
    for name in named.components:
        for path in target.components[name].required:
            if path not in wheel.payload:
                yield Finding("error", f"missing: the component {name!r} needs it", f"{OUR_PACKAGE}/{path}")
    for path in sorted(wheel.payload):
        if target.component_of(path) not in named.components:
            owner = target.component_of(path) or "no component"
            yield Finding("error", f"unexpected: it belongs to {owner}", f"{OUR_PACKAGE}/{path}")


def package(wheel: Wheel, _question: Question) -> Iterator[Finding]:
    """Whether the rest of the wheel is our Python package and its metadata, and nothing beside them."""
    ours = _package_files()
    if f"{OUR_PACKAGE}/__init__.py" not in wheel.files:
        yield Finding("error", "missing: the package itself", f"{OUR_PACKAGE}/__init__.py")
    for name in sorted(wheel.files):
        top, _, path = name.partition("/")
        if top == OUR_PACKAGE:
            if path not in wheel.payload and name != MANIFEST and path not in ours:
                yield Finding("error", "unexpected: the runtime package has no such file", name)
        elif top not in wheel.dist_infos:
            yield Finding("error", f"unexpected: outside of {OUR_PACKAGE}", name)


def against_lock(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether each file is the locked one, where the lock is about this version."""
    lock = question.lock
    if lock is None or not _is_pinned(wheel, lock):
        pinned = f"runtime.lock pins {lock.version}" if lock else "there is no runtime.lock"
        yield Finding("note", f"{pinned}: the bytes were held against the wheel's own manifest alone")
        return
    target, _ = _identity(wheel, question)
    locked = lock.target(target.triple).files
    for path, content in sorted(wheel.payload.items()):
        name = f"{OUR_PACKAGE}/{path}"
        if content.problem:
            yield Finding("error", f"its bytes cannot be compared with the lock's: {content.problem}", name)
        elif path not in locked:
            yield Finding("error", "unexpected: the lock has no such file", name)
        elif (content.size, content.sha256) != (locked[path].size, locked[path].sha256):
            right = f"{locked[path].size} bytes, sha256 {locked[path].sha256}"
            yield Finding("error", "other bytes than the lock says", name, right)


def _identity(wheel: Wheel, question: Question) -> tuple[Target, TargetWheel]:
    found = question.identity(wheel.file_name)
    if found is None:
        raise LookupError(wheel.path.name)  # each caller asks first
    return found


def _is_pinned(wheel: Wheel, lock: Lock) -> bool:
    return wheel.file_name is not None and wheel.file_name.version == lock.runtime_version.pep440


def _package_files() -> frozenset[str]:
    """The names that the package's own files have, from its template."""
    source = Path(paths.RUNTIME_TEMPLATE, "src", OUR_PACKAGE)
    return frozenset(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
