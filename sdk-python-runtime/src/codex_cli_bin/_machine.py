"""Which machine an executable is for, and which one this interpreter is for."""

import os
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

_ELF = {62: "x86_64", 183: "aarch64"}
_MACH_O = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_PE = {0x8664: "x86_64", 0xAA64: "aarch64", 0x014C: "x86"}
_SAME = {"amd64": "x86_64", "arm64": "aarch64"}


class Machine(NamedTuple):
    """A system and a processor, in the words of target triples."""

    system: str
    processor: str

    def __str__(self) -> str:
        return f"{self.system} {self.processor}"


def machine_of(path: Path) -> Machine | None:
    """The machine that the file's first bytes name; None when they name none that is known here."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] == b"\x7fELF":
        return _known("linux", _ELF, head[18:20])
    if head[:4] == b"\xcf\xfa\xed\xfe":
        return _known("macos", _MACH_O, head[4:8])
    if head[:2] == b"MZ":
        start = int.from_bytes(head[0x3C:0x40], "little")
        if head[start : start + 4] == b"PE\0\0":
            return _known("windows", _PE, head[start + 4 : start + 6])
    return None


def interpreter_machine() -> Machine:
    """The machine that this interpreter was built for.

    Not that of the hardware: an x64 Python on ARM Windows installs x64 wheels, and they run under the same emulation.
    """
    platform = sysconfig.get_platform()  # linux-x86_64, macosx-11.0-arm64, win-amd64, win32
    if platform == "win32":
        return Machine("windows", "x86")
    system = {"macosx": "macos", "win": "windows"}.get(platform.partition("-")[0], platform.partition("-")[0])
    processor = platform.rpartition("-")[2]
    if sys.platform != "win32" and processor == "universal2":  # the one build for both: the system says what runs
        processor = os.uname().machine
    return Machine(system, _SAME.get(processor, processor))


def _known(system: str, machines: dict[int, str], field: bytes) -> Machine | None:
    processor = machines.get(int.from_bytes(field, "little"))
    return Machine(system, processor) if processor else None
