"""Signatures of our payload: there where the platform has them and, when asked for, valid."""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..binaries.facts import MachOFile, PeFile
from ..wheels import OUR_PACKAGE, Wheel
from ..wheels.contents import chunks
from .findings import Finding, Question

if TYPE_CHECKING:
    from ..targets import Target

DEEP_INSTALL = "pip install 'lief>=1.0' (the extra `deep`)"


def signatures(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Which programs lack the signature that is due, and which signatures do not hold."""
    identity = question.identity(wheel.file_name)
    if identity is None:
        return
    target, _ = identity
    if question.deep and target.os == "macos":
        yield Finding("note", "deep: only macOS itself can verify its code signatures; they were looked at")
    for path, content in sorted(wheel.payload.items()):
        problem = _problem(content.native)
        name = f"{OUR_PACKAGE}/{path}"
        if _is_known_unsigned(target, path):
            if problem is None:
                yield Finding("note", "signed now, though its component's `unsigned` lists it", name)
        elif problem:
            yield Finding("error", problem, name)
        elif question.deep and isinstance(content.native, PeFile) and not content.native.is_dll:
            yield from _authenticode(wheel, name)


def _is_known_unsigned(target: "Target", path: str) -> bool:
    owner = target.component_of(path)
    return owner is not None and path in target.components[owner].unsigned


def _problem(native: object) -> str | None:
    """What is wrong with a program's signature; None when nothing is, or when its platform has none."""
    if isinstance(native, PeFile) and not native.is_dll and not native.signed:
        return "unsigned: no Authenticode signature"
    if isinstance(native, MachOFile):
        for part in native.slices:
            if (signature := part.signature) is None:
                return f"unsigned: no code signature ({part.machine})"
            if not signature.cms or not signature.team:
                return f"its code signature is by nobody (ad hoc, no Developer ID; {part.machine})"
            if not signature.hardened:
                return f"its code signature lacks the hardened runtime ({part.machine})"
    return None


def _authenticode(wheel: Wheel, name: str) -> Iterator[Finding]:
    """Verify one program's Authenticode signature: its digest of the file, and its certificates' chain."""
    if importlib.util.find_spec("lief") is None:
        yield Finding("warning", "deep: its signature was not verified, lief is not installed", name, DEEP_INSTALL)
        return
    import lief  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory(prefix="codex-verify-") as scratch:
        path = Path(scratch, "program.exe")
        with path.open("wb") as file:
            file.writelines(chunks(wheel.data, wheel.files[name]))
        binary = lief.PE.parse(str(path))
        if binary is None:
            yield Finding("error", "deep: lief cannot read it", name)
            return
        flags = binary.verify_signature()
        if flags != lief.PE.Signature.VERIFICATION_FLAGS.OK:
            yield Finding("error", f"deep: its Authenticode signature does not hold: {flags}", name)
        else:
            yield Finding("note", "deep: its Authenticode signature holds", name)
