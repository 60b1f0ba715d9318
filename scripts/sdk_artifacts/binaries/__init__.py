"""Facts of one native file, from a buffer of all its bytes: which of the three formats it is, and what it says."""

import mmap
from typing import TypeAlias

from . import elf, macho, pe
from .facts import CodeSignature, ElfFile, MachOFile, MachOSlice, NativeFile, PeFile
from .window import MalformedBinary, Window

__all__ = [
    "Buffer",
    "CodeSignature",
    "ElfFile",
    "MachOFile",
    "MachOSlice",
    "MalformedBinary",
    "NativeFile",
    "PeFile",
    "inspect",
]

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

_JAVA_CLASS_VERSION = 40  # a Java class file has a fat Mach-O's magic; its version stands where the slices are counted


def inspect(data: Buffer) -> NativeFile | None:
    """The facts of a native file; None when `data` is no ELF, Mach-O or PE file.

    Copies nothing but headers and names, and holds no view of `data` afterwards.

    Raises:
        MalformedBinary: the file lies about itself.
    """
    with memoryview(data) as view:
        window = Window(view)
        magic = bytes(view[:8])
        if magic.startswith(elf.MAGIC):
            return elf.inspect_elf(window)
        if magic[:4] in macho.MAGICS and not _is_java(magic):
            return macho.inspect_macho(window)
        if magic.startswith(pe.MAGIC):
            return pe.inspect_pe(window)
        return None


def _is_java(magic: bytes) -> bool:
    return magic[:4] == b"\xca\xfe\xba\xbe" and int.from_bytes(magic[4:], "big") > _JAVA_CLASS_VERSION
