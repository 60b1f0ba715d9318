"""Facts of a Mach-O file, thin or fat, with macholib's names and layouts.

The walk is by hand: macholib's reader wants a file name, copies every section's contents out, and believes the counts
and sizes it meets (`sizeofcmds` it never looks at).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from macholib import mach_o  # type: ignore[import-untyped]  # it has no types
from macholib.ptypes import sizeof  # type: ignore[import-untyped]  # it has no types

from .facts import CodeSignature, MachOFile, MachOSlice, Version
from .signature import read_signature
from .window import MalformedBinary, Window

_Layout: TypeAlias = Any  # macholib has no types
_Record: TypeAlias = Any

_FAT = {b"\xca\xfe\xba\xbe": mach_o.fat_arch, b"\xca\xfe\xba\xbf": mach_o.fat_arch64}
_THIN = {
    b"\xce\xfa\xed\xfe": (mach_o.mach_header, "<"),
    b"\xcf\xfa\xed\xfe": (mach_o.mach_header_64, "<"),
    b"\xfe\xed\xfa\xce": (mach_o.mach_header, ">"),
    b"\xfe\xed\xfa\xcf": (mach_o.mach_header_64, ">"),
}
MAGICS = frozenset(_FAT.keys() | _THIN.keys())
_ARM64E, _X86_64H = 2, 8
_SUBTYPE_MASK = 0x00FFFFFF  # the highest byte holds capabilities
_MACHINES = {
    ("x86_64", 3): "x86_64",
    ("x86_64", _X86_64H): "x86_64h",
    ("ARM64", 0): "aarch64",
    ("ARM64", 1): "aarch64",
    ("ARM64", _ARM64E): "arm64e",
}
_REQUIRED_DYLIBS = frozenset({mach_o.LC_LOAD_DYLIB, mach_o.LC_REEXPORT_DYLIB, mach_o.LC_LOAD_UPWARD_DYLIB})
_MAX_SLICES = 16
_COMMAND_BYTES = 8  # of its kind and size, before what the kind adds


def inspect_macho(window: Window) -> MachOFile:
    """The facts of one Mach-O file.

    Raises:
        MalformedBinary: its headers lie.
    """
    layout = _FAT.get(window.read(0, 4, "the Mach-O magic"))
    if layout is None:
        return MachOFile((_slice(window),))
    count = _record(mach_o.fat_header, window, 0, ">", "the fat header").nfat_arch
    if not 0 < count <= _MAX_SLICES:
        raise MalformedBinary(f"a fat Mach-O of {count} slices; real ones have 1 to {_MAX_SLICES}")
    at, size = sizeof(mach_o.fat_header), sizeof(layout)
    parts = [_record(layout, window, at + number * size, ">", "a fat slice's record") for number in range(count)]
    slices = []
    for part in parts:
        found = _slice(window.part(part.offset, part.size, "a slice"))
        if found.machine != _machine(part):
            raise MalformedBinary(f"a slice for {_machine(part)} by the fat header is for {found.machine} by its own")
        slices.append(found)
    return MachOFile(tuple(slices))


def _slice(window: Window) -> MachOSlice:
    magic = window.read(0, 4, "a slice's magic")
    if magic not in _THIN:
        raise MalformedBinary(f"a slice begins with {magic.hex()}, which is no thin Mach-O")
    layout, order = _THIN[magic]
    header = _record(layout, window, 0, order, "the Mach-O header")
    start = sizeof(layout)
    commands = window.part(start, header.sizeofcmds, "the load commands")
    found = _Slice(window, order, [], [], [], [], [])
    for kind, command in _commands(commands, header.ncmds, order):
        found.take(kind, command)
    return MachOSlice(
        _machine(header),
        platforms=tuple(dict.fromkeys(found.platforms)),
        minimum_os=max(found.minimums, default=None),
        dylibs=tuple(found.dylibs),
        search_paths=tuple(found.search_paths),
        signature=found.signatures[-1] if found.signatures else None,
    )


def _commands(window: Window, count: int, order: str) -> Iterator[tuple[int, Window]]:
    at = 0
    for _ in range(count):
        kind, size = struct.unpack(f"{order}II", window.read(at, _COMMAND_BYTES, "a load command"))
        if size < _COMMAND_BYTES or size % 4:
            raise MalformedBinary(f"a load command at offset {at} claims {size} bytes")
        yield kind, window.part(at, size, "a load command")
        at += size
    if at != len(window):
        raise MalformedBinary(f"{count} load commands take {at} bytes, the header says {len(window)}")


@dataclass(frozen=True, slots=True)
class _Slice:
    """What the load commands of one slice have said so far."""

    window: Window
    order: str
    platforms: list[str]
    minimums: list[Version]
    dylibs: list[str]
    search_paths: list[str]
    signatures: list[CodeSignature]

    def take(self, kind: int, command: Window) -> None:
        match kind:
            case mach_o.LC_BUILD_VERSION:
                said = self._fields(mach_o.build_version_command, command)
                self._runs_on(mach_o.PLATFORM_NAMES.get(said.platform, f"platform {said.platform}"), said.minos)
            case mach_o.LC_VERSION_MIN_MACOSX:
                self._runs_on("macOS", self._fields(mach_o.version_min_command, command).version)
            case mach_o.LC_RPATH:
                self.search_paths.append(self._name(command, "a search path"))
            case mach_o.LC_CODE_SIGNATURE:
                place = self._fields(mach_o.linkedit_data_command, command)
                self.signatures.append(
                    read_signature(self.window.part(place.dataoff, place.datasize, "the code signature"))
                )
            case _ if kind in _REQUIRED_DYLIBS:
                self.dylibs.append(self._name(command, "a library's name"))

    def _runs_on(self, platform: str, packed: int) -> None:
        self.platforms.append(platform)
        if platform == "macOS":
            self.minimums.append((packed >> 16, packed >> 8 & 0xFF, packed & 0xFF))

    def _fields(self, layout: _Layout, command: Window) -> _Record:
        return _record(layout, command, _COMMAND_BYTES, self.order, "a load command")

    def _name(self, command: Window, what: str) -> str:
        (at,) = struct.unpack(f"{self.order}I", command.read(_COMMAND_BYTES, 4, what))
        return command.text(at, len(command), what)


def _record(layout: _Layout, window: Window, at: int, order: str, what: str) -> _Record:
    return layout.from_str(window.read(at, sizeof(layout), what), _endian_=order)


def _machine(header: _Record) -> str:
    """In our words what the CPU type and subtype of a Mach-O header or a fat record say."""
    name = mach_o.CPU_TYPE_NAMES.get(header.cputype, f"CPU type {header.cputype}")
    subtype = header.cpusubtype & _SUBTYPE_MASK
    return _MACHINES.get((name, subtype), f"{name}, subtype {subtype}")
