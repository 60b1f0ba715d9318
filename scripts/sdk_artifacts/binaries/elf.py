"""Facts of an ELF file, from what a loader reads: program headers and the dynamic table.

The layouts are pyelftools'. Its walks are not used: they begin at the section headers, which may be stripped and which
no loader believes, and they follow counts that may lie.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from elftools.elf.structs import ELFStructs

from .facts import ElfFile
from .window import MalformedBinary, Window, library

_Record: TypeAlias = Any  # pyelftools makes its layouts, and so their records, at run time

MAGIC = b"\x7fELF"

_MACHINES = {
    ("EM_X86_64", 64, "little"): "x86_64",
    ("EM_AARCH64", 64, "little"): "aarch64",
    ("EM_386", 32, "little"): "i686",
    ("EM_ARM", 32, "little"): "armv7l",
    ("EM_PPC64", 64, "little"): "ppc64le",
    ("EM_S390", 64, "big"): "s390x",
    ("EM_RISCV", 64, "little"): "riscv64",
}
_CLASSES = {1: 32, 2: 64}
_BYTE_ORDERS = {1: "little", 2: "big"}
_MAX_PROGRAM_HEADERS_BYTES = 1 << 16  # as Linux has it
_MAX_DYNAMIC_ENTRIES = 4096


def inspect_elf(window: Window) -> ElfFile:
    """The facts of one ELF file.

    Raises:
        MalformedBinary: its headers lie.
    """
    with library("pyelftools"):
        image = _open(window)
        interpreter = next((image.interpreter(header) for header in image.headers("PT_INTERP")), None)
        dynamic = next((image.dynamic(header) for header in image.headers("PT_DYNAMIC")), None)
        if dynamic is None:
            return ElfFile(image.machine, interpreter)
        sonames = dynamic.names("DT_SONAME")
        searched = [*dynamic.names("DT_RPATH"), *dynamic.names("DT_RUNPATH")]
        return ElfFile(
            image.machine,
            interpreter,
            needed=dynamic.names("DT_NEEDED"),
            soname=sonames[-1] if sonames else None,
            search_paths=tuple(path for paths in searched for path in paths.split(":")),
            versions=tuple(sorted(set(dynamic.versions()))),
        )


@dataclass(frozen=True, slots=True)
class _Image:
    window: Window
    structs: ELFStructs
    machine: str
    program_headers: tuple[_Record, ...]

    def headers(self, kind: str) -> Iterator[_Record]:
        return (header for header in self.program_headers if header.p_type == kind)

    def interpreter(self, header: _Record) -> str:
        return self.window.text(header.p_offset, header.p_offset + header.p_filesz, "the interpreter's name")

    def offset(self, address: int, what: str) -> int:
        """Where in the file a loader finds `address`."""
        for segment in self.headers("PT_LOAD"):
            if segment.p_vaddr <= address < segment.p_vaddr + segment.p_filesz:
                return int(address - segment.p_vaddr + segment.p_offset)
        raise MalformedBinary(f"{what} at address {address:#x} is in no loaded segment")

    def record(self, name: str, offset: int, what: str) -> _Record:
        layout = getattr(self.structs, name)
        return layout.parse(self.window.read(offset, layout.sizeof(), what))

    def records(self, name: str, offset: int, count: int, what: str) -> Iterator[_Record]:
        layout = getattr(self.structs, name)
        size = layout.sizeof()
        raw = self.window.read(offset, count * size, what)
        return (layout.parse(raw[start : start + size]) for start in range(0, len(raw), size))

    def dynamic(self, header: _Record) -> "_Dynamic":
        # A loader goes by the address, most tools by the offset: a file in which they differ fools one of the two.
        if self.offset(header.p_vaddr, "the dynamic table") != header.p_offset:
            raise MalformedBinary(f"the dynamic table is at offset {header.p_offset} for tools, elsewhere for loaders")
        count = min(header.p_filesz // self.structs.Elf_Dyn.sizeof(), _MAX_DYNAMIC_ENTRIES)
        entries: list[tuple[str, int]] = []
        for entry in self.records("Elf_Dyn", header.p_offset, count, "the dynamic table"):
            if entry.d_tag == "DT_NULL":
                return _Dynamic(self, tuple(entries))
            entries.append((entry.d_tag, entry.d_val))
        raise MalformedBinary(f"the dynamic table has no end within {count} entries")


@dataclass(frozen=True, slots=True)
class _Dynamic:
    image: _Image
    entries: tuple[tuple[str, int], ...]

    def value(self, tag: str) -> int | None:
        return dict(self.entries).get(tag)  # of several the last one counts, as in glibc

    def names(self, tag: str) -> tuple[str, ...]:
        return tuple(self.name(value, f"a {tag} name") for found, value in self.entries if found == tag)

    def name(self, index: int, what: str) -> str:
        table, size = self.value("DT_STRTAB"), self.value("DT_STRSZ")
        if table is None or size is None:
            raise MalformedBinary(f"{what} needs a string table, and there is none")
        start = self.image.offset(table, "the string table")
        if index >= size:
            raise MalformedBinary(f"{what} at index {index} is past its string table of {size} bytes")
        return self.image.window.text(start + index, start + size, what)

    def versions(self) -> Iterator[str]:
        """Every symbol version needed, found as a loader does: by the links up to a zero one, not by the counts."""
        address = self.value("DT_VERNEED")
        if address is None:
            return
        here = self.image.offset(address, "the version needs")
        while True:
            library_need = self.image.record("Elf_Verneed", here, "a version need")
            at = here + library_need.vn_aux
            while True:
                version = self.image.record("Elf_Vernaux", at, "a needed version")
                yield self.name(version.vna_name, "a needed version's name")
                if not version.vna_next:
                    break
                at += version.vna_next
            if not library_need.vn_next:
                return
            here += library_need.vn_next


def _open(window: Window) -> _Image:
    ident = window.read(0, 16, "the ELF identification")
    bits, order = _CLASSES.get(ident[4]), _BYTE_ORDERS.get(ident[5])
    if bits is None or order is None:
        raise MalformedBinary(f"ELF class {ident[4]} with byte order {ident[5]} does not exist")
    structs = ELFStructs(little_endian=order == "little", elfclass=bits)
    structs.create_basic_structs()
    header = structs.Elf_Ehdr.parse(window.read(0, structs.Elf_Ehdr.sizeof(), "the ELF header"))
    structs.create_advanced_structs(header.e_type, header.e_machine, header.e_ident.EI_OSABI)
    size = structs.Elf_Phdr.sizeof()
    if header.e_phnum and header.e_phentsize != size:
        raise MalformedBinary(f"program headers of {header.e_phentsize} bytes where {bits}-bit ELF has {size}")
    if header.e_phnum * size > _MAX_PROGRAM_HEADERS_BYTES:
        raise MalformedBinary(f"{header.e_phnum} program headers are more than Linux accepts")
    machine = _MACHINES.get((header.e_machine, bits, order), f"{header.e_machine}, {bits}-bit {order}-endian")
    bare = _Image(window, structs, machine, ())
    headers = tuple(bare.records("Elf_Phdr", header.e_phoff, header.e_phnum, "the program headers"))
    return _Image(window, structs, machine, headers)
