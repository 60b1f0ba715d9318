"""Whether this machine can run a file, judged by its first bytes."""

from __future__ import annotations

import os
import sys

HEAD_BYTES = 4096

_ELF = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_MACHO = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_PE = {0x014C: "x86", 0x8664: "x86_64", 0xAA64: "aarch64"}
_KNOWN = {*_ELF.values(), *_MACHO.values(), *_PE.values()}
_FORMATS = {"darwin": "macOS", "win32": "Windows"}
_SAME = {"amd64": "x86_64", "arm64": "aarch64", "i386": "x86", "i686": "x86"}
# Rosetta and its like on Windows run the other machine's programs.
_EMULATES = {("macOS", "aarch64"): "x86_64", ("Windows", "aarch64"): "x86_64"}


def why_not_here(head: bytes, *, system: str | None = None, machine: str | None = None) -> str | None:
    """Why a program that begins with `head` cannot run here; None when nothing speaks against it.

    Args:
        head: its first HEAD_BYTES bytes, fewer when it is shorter.
        system: "Linux", "macOS" or "Windows"; None for this one.
        machine: such as "x86_64" or "aarch64"; None for this one.
    """
    system = system or _FORMATS.get(sys.platform, "Linux")
    machine = machine or _this_machine()
    if head.startswith(b"#!"):
        return "it is a script, which Windows does not run" if system == "Windows" else None
    found = _read(head)
    if found is None:
        return "it is no program"
    its_system, machines = found
    if its_system != system:
        return f"it is a program for {its_system}, and this is {system}"
    if machine in machines or _EMULATES.get((system, machine)) in machines or not machines:
        return None
    if machine not in _KNOWN:  # who has such a machine may well have programs for it
        return None
    return f"it is a program for {' and '.join(machines)}, and this machine is {machine}"


def _this_machine() -> str:
    # platform.machine() is not asked: it imports a good deal, and starts programs on some systems.
    if os.name == "nt":  # which tells a 32-bit Python of a 32-bit machine, and of the real one beside
        name = os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", "")
    else:
        name = os.uname().machine
    return _SAME.get(name.lower(), name.lower())


def _read(head: bytes) -> tuple[str, tuple[str, ...]] | None:
    """The system and the machines that a file was built for; no machines when they are not told."""
    match head[:4]:
        case b"\x7fELF" if len(head) > 20:  # noqa: PLR2004 - up to and with e_machine
            order = "little" if head[5] == 1 else "big"
            number = int.from_bytes(head[18:20], order)  # type: ignore[arg-type]
            return "Linux", (_ELF.get(number, f"ELF machine {number}"),)
        case b"\xcf\xfa\xed\xfe":
            number = int.from_bytes(head[4:8], "little")
            return "macOS", (_MACHO.get(number, f"Mach-O machine {number:#x}"),)
        case b"\xca\xfe\xba\xbe" if sys.platform == "darwin":  # a Java class begins the same
            return "macOS", ()
        case _ if head.startswith(b"MZ"):
            offset = int.from_bytes(head[0x3C:0x40], "little")
            if head[offset : offset + 4] == b"PE\0\0":
                number = int.from_bytes(head[offset + 4 : offset + 6], "little")
                return "Windows", (_PE.get(number, f"PE machine {number:#x}"),)
    return None
