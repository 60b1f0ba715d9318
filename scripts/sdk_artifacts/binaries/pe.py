"""Facts of a Windows executable or DLL, with pefile for the headers and the map from addresses to bytes."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import pefile  # type: ignore[import-untyped]  # it has no types

from .facts import PeFile
from .window import MalformedBinary, Window, library

_Image: TypeAlias = Any  # pefile has no types

MAGIC = b"MZ"

_MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64", 0x014C: "i686"}
_DLL = 0x2000
_PKCS_SIGNED_DATA = 0x0002
_DER_SEQUENCE = 0x30

# The directory's index, and in its records: their size and where the DLL's name is.
_IMPORTS = (1, 20, 12)
_DELAYED_IMPORTS = (13, 32, 4)
_CERTIFICATES = 4


def inspect_pe(window: Window) -> PeFile:
    """The facts of one PE file.

    Raises:
        MalformedBinary: its headers lie.
    """
    with library("pefile"):
        image: _Image = pefile.PE(data=window, fast_load=True)
        machine = image.FILE_HEADER.Machine
        imports = [*_imported(image, *_IMPORTS), *_imported(image, *_DELAYED_IMPORTS)]
        return PeFile(
            _MACHINES.get(machine, f"PE machine {machine:#06x}"),
            is_dll=bool(image.FILE_HEADER.Characteristics & _DLL),
            imports=tuple(dict.fromkeys(imports)),
            signed=_is_signed(image, window),
        )


def _directory(image: _Image, index: int) -> tuple[int, int]:
    directories = image.OPTIONAL_HEADER.DATA_DIRECTORY
    if index >= len(directories):
        return 0, 0
    return directories[index].VirtualAddress, directories[index].Size


def _imported(image: _Image, index: int, size: int, name_at: int) -> Iterator[str]:
    """The DLL names of a directory, to its zero record as Windows walks it.

    pefile's own walk reads every imported symbol too, and takes a table that leads nowhere for a shorter one.
    """
    address, _ = _directory(image, index)
    if not address:
        return
    while any(record := _mapped(image, address, size)):
        name = int.from_bytes(record[name_at : name_at + 4], "little")
        yield _name(image, name)
        address += size


def _name(image: _Image, address: int) -> str:
    raw = image.get_string_at_rva(address, 512) if image.get_section_by_rva(address) else None
    if not raw or not (name := raw.decode("ascii", "backslashreplace")).isprintable():
        raise MalformedBinary(f"an imported DLL's name at address {address:#x} is no name: {raw!r}")
    return str(name.lower())


def _mapped(image: _Image, address: int, size: int) -> bytes:
    """Bytes by address; pefile alone would fall back to an offset when no section holds the address."""
    raw = bytes(image.get_data(address, size)) if image.get_section_by_rva(address) else b""
    if len(raw) != size:
        raise MalformedBinary(f"an import record at address {address:#x} is in no section of the file")
    return raw


def _is_signed(image: _Image, window: Window) -> bool:
    offset, size = _directory(image, _CERTIFICATES)  # the one directory whose address is an offset in the file
    if not offset or not size:
        return False
    header = window.part(offset, size, "the certificate table").read(0, 9, "a certificate")
    length, kind = int.from_bytes(header[:4], "little"), int.from_bytes(header[6:8], "little")
    if not len(header) <= length <= size:
        raise MalformedBinary(f"a certificate of {length} bytes is in a table of {size}")
    return kind == _PKCS_SIGNED_DATA and header[8] == _DER_SEQUENCE
