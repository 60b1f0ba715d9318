"""What the bytes of one native file say about where it runs: values that `binaries.py` reads and `tags.py` judges."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Version: TypeAlias = tuple[int, ...]
Libc: TypeAlias = Literal["static", "glibc", "musl", "mixed", "none"]

_GLIBC_LOADER = re.compile(r"ld-linux.*\.so\.[0-9]|ld64\.so\.[12]|ld\.so\.1|ld-lsb.*")
_MUSL_LIBRARY = re.compile(r"libc\.so|libc\.musl-.*|ld-musl-.*")
_GLIBC_VERSION = re.compile(r"GLIBC_([0-9]{1,4}(?:\.[0-9]{1,4}){1,2})")


@dataclass(frozen=True, slots=True)
class ElfFile:
    """An ELF executable or shared object.

    Attributes:
        machine: `x86_64`, `aarch64`, ...; for one that no tag names, a description.
        interpreter: path of the loader (PT_INTERP); None for a static executable and for a shared object.
        needed: names of the libraries it loads (DT_NEEDED).
        soname: the name others load it by.
        search_paths: where its libraries are looked for (DT_RPATH, DT_RUNPATH).
        versions: symbol versions it needs of its libraries, `GLIBC_2.28`; those it defines are not here.
    """

    machine: str
    interpreter: str | None = None
    needed: tuple[str, ...] = ()
    soname: str | None = None
    search_paths: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def libc(self) -> Libc:
        """The C library it needs; `none` when it needs libraries but by itself no C library, `mixed` when both."""
        names = [*self.needed, *([self.interpreter.rpartition("/")[2]] if self.interpreter else [])]
        musl = any(_MUSL_LIBRARY.fullmatch(name) for name in names)
        glibc = any(name == "libc.so.6" or _GLIBC_LOADER.fullmatch(name) for name in names) or any(
            version.startswith("GLIBC_") for version in self.versions
        )
        if glibc or musl:
            return "mixed" if glibc and musl else "glibc" if glibc else "musl"
        return "none" if names else "static"

    @property
    def glibc_floor(self) -> Version | None:
        """The highest numbered GLIBC version it needs, None when it needs none."""
        matches = (_GLIBC_VERSION.fullmatch(version) for version in self.versions)
        return max((dotted(match[1]) for match in matches if match), default=None)

    @property
    def glibc_marks(self) -> tuple[str, ...]:
        """The GLIBC versions it needs that are no number, `GLIBC_PRIVATE`."""
        return tuple(
            version
            for version in self.versions
            if version.startswith("GLIBC_") and not _GLIBC_VERSION.fullmatch(version)
        )


@dataclass(frozen=True, slots=True)
class CodeSignature:
    """What a Mach-O's code signature claims; whether it is valid only macOS can say.

    Attributes:
        identifier: of the code, as the signer named it.
        team: the Developer ID team, None without one.
        ad_hoc: by nobody: a digest without a certificate.
        cms: carries a certificate's signature.
        hardened: the hardened runtime is on.
    """

    identifier: str
    team: str | None
    ad_hoc: bool
    cms: bool
    hardened: bool


@dataclass(frozen=True, slots=True)
class MachOSlice:
    """One machine's part of a Mach-O file.

    Attributes:
        machine: `x86_64`, `aarch64`, or the name of one that no tag stands for (`arm64e`, `x86_64h`).
        platforms: what it says it runs on, `macOS`; empty when it does not say.
        minimum_os: (major, minor, patch) of macOS, None when it does not say.
        dylibs: install names of the libraries it cannot start without.
        search_paths: where `@rpath` leads (LC_RPATH).
        signature: None when unsigned.
    """

    machine: str
    platforms: tuple[str, ...] = ()
    minimum_os: Version | None = None
    dylibs: tuple[str, ...] = ()
    search_paths: tuple[str, ...] = ()
    signature: CodeSignature | None = None


@dataclass(frozen=True, slots=True)
class MachOFile:
    """A Mach-O file, thin (one slice) or fat."""

    slices: tuple[MachOSlice, ...]

    @property
    def machine(self) -> str:
        """The machines of its slices, joined by `+`."""
        return "+".join(part.machine for part in self.slices)


@dataclass(frozen=True, slots=True)
class PeFile:
    """A Windows executable or DLL.

    Attributes:
        machine: `x86_64`, `aarch64`, `i686`; for one that no tag names, a description.
        is_dll: it is loaded, not run.
        imports: lower-case names of the DLLs it loads, at start or delayed.
        signed: it carries an Authenticode signature; whether it is valid is another question.
    """

    machine: str
    is_dll: bool
    imports: tuple[str, ...] = ()
    signed: bool = False


NativeFile: TypeAlias = ElfFile | MachOFile | PeFile


def dotted(text: str) -> Version:
    """The numbers of `2.17`, to compare by."""
    return tuple(int(part) for part in text.split("."))
