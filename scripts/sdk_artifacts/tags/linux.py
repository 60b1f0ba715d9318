"""Which Linux platform tags an ELF file allows: PEP 600 for glibc, PEP 656 for musl. Pure."""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from ..binaries.facts import ElfFile, Version, dotted

_LEGACY = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_TAG = re.compile(
    r"manylinux(?P<legacy>1|2010|2014)_(?P<legacy_machine>\w+)"
    r"|manylinux_(?P<glibc>[0-9]{1,3}_[0-9]{1,3})_(?P<machine>\w+)"
    r"|musllinux_(?P<musl>[0-9]{1,3}_[0-9]{1,3})_(?P<musl_machine>\w+)"
    r"|linux_(?P<plain_machine>\w+)",
)

# By machine: glibc's loader, musl's, and the lowest glibc that installers still match (packaging.tags).
# An executable with its loader at another path (as Nix has it) starts on no other system.
_LOADERS: Mapping[str, tuple[str, str, Version]] = {
    "x86_64": ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", (2, 5)),
    "i686": ("/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1", (2, 5)),
    "aarch64": ("/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", (2, 17)),
    "armv7l": ("/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1", (2, 17)),
    "ppc64le": ("/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1", (2, 17)),
    "s390x": ("/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1", (2, 17)),
    "riscv64": ("/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1", (2, 17)),
}

# What every system of a manylinux tag has, after PEP 513 and PEP 600 and as auditwheel's policy 6 keeps it.
_MANYLINUX_LIBRARIES = frozenset(
    {
        *("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libanl.so.1"),
        *("libresolv.so.2", "libnsl.so.1", "libmvec.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libatomic.so.1"),
        *("libz.so.1", "libexpat.so.1", "libglib-2.0.so.0", "libgobject-2.0.so.0", "libgthread-2.0.so.0"),
        *("libX11.so.6", "libXext.so.6", "libXrender.so.1", "libICE.so.6", "libSM.so.6", "libGL.so.1"),
        *(posixpath.basename(glibc) for glibc, _, _ in _LOADERS.values()),
    },
)
_MUSL_LIBRARY = re.compile(r"libc\.so|libc\.musl-.*\.so\.1|ld-musl-.*\.so\.1")

# From this glibc on, the systems that have it also have these versions of GCC's libraries (auditwheel's policy).
_GCC_LIBRARIES: Mapping[Version, Mapping[str, Version]] = {
    (2, 5): {"GLIBCXX": (3, 4, 8), "CXXABI": (1, 3, 1), "GCC": (4, 2, 0)},
    (2, 12): {"GLIBCXX": (3, 4, 13), "CXXABI": (1, 3, 3), "GCC": (4, 3, 0)},
    (2, 17): {"GLIBCXX": (3, 4, 19), "CXXABI": (1, 3, 7), "GCC": (4, 8, 0)},
    (2, 24): {"GLIBCXX": (3, 4, 22), "CXXABI": (1, 3, 10), "GCC": (4, 8, 0)},
    (2, 26): {"GLIBCXX": (3, 4, 24), "CXXABI": (1, 3, 11), "GCC": (7, 0, 0)},
    (2, 31): {"GLIBCXX": (3, 4, 28), "CXXABI": (1, 3, 12), "GCC": (7, 0, 0)},
    (2, 34): {"GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13), "GCC": (11, 0)},
    (2, 35): {"GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)},
    (2, 39): {"GLIBCXX": (3, 4, 33), "CXXABI": (1, 3, 15), "GCC": (14, 0, 0)},
}
_NEVER: Version = (999,)
_GCC_VERSION = re.compile(r"(GLIBCXX|CXXABI|GCC)_([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})")

# Marks that a linker leaves for a loader which can do something new. The others of their kind are too new to rely on.
_ABI_MARKS: Mapping[str, Version] = {"GLIBC_ABI_DT_RELR": (2, 36)}


def contradictions(tag: str, path: str, file: ElfFile, shipped: Collection[str]) -> Iterator[str] | None:
    """Why `tag` is not true of `file`; None when it is no Linux tag."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    machine = next(value for name, value in match.groupdict().items() if name.endswith("machine") and value)
    if file.machine != machine:
        return iter([f"it is for {file.machine}"])
    if match["plain_machine"] or file.libc == "static":
        return iter(())
    if match["musl"]:
        return _against_musl(path, file, shipped)
    glibc = _LEGACY[match["legacy"]] if match["legacy"] else dotted(match["glibc"].replace("_", "."))
    return _against_glibc(glibc, path, file, shipped)


def candidates(files: Collection[ElfFile]) -> tuple[str, ...]:
    """The most widely installable tags that could be true of all `files`, sorted."""
    (machine, *others) = {file.machine for file in files}
    if others or machine not in _LOADERS:
        return ()
    if all(file.libc == "static" for file in files):
        return (*_glibc_tags((2, 17), machine), f"musllinux_1_1_{machine}")
    if any(file.libc == "musl" for file in files):
        # musl has no symbol versions, so nothing in a file proves that it needs no more than 1.1.
        return (f"musllinux_1_2_{machine}",)
    return _glibc_tags(max(_LOADERS[machine][2], *map(_floor, files)), machine)


def promised_libc(tag: str) -> tuple[str, Version, str] | None:
    """The libc ("glibc" or "musl"), its version and the machine that `tag` promises; None when it promises none."""
    match = _TAG.fullmatch(tag)
    if match is None or match["plain_machine"]:
        return None
    if match["musl"]:
        return "musl", dotted(match["musl"].replace("_", ".")), match["musl_machine"]
    if match["glibc"]:
        return "glibc", dotted(match["glibc"].replace("_", ".")), match["machine"]
    return "glibc", _LEGACY[match["legacy"]], match["legacy_machine"]


def host(libc: str, version: Version, machine: str) -> tuple[str, ...]:
    """The platform tags that an installer on a host with this libc takes, the best first."""
    if libc == "musl":
        return tuple(f"musllinux_1_{minor}_{machine}" for minor in range(version[1], -1, -1))
    lowest = _LOADERS[machine][2][1] if machine in _LOADERS else 17
    return tuple(
        tag for minor in range(version[1], lowest - 1, -1) for tag in reversed(_glibc_tags((2, minor), machine))
    )


def _against_musl(path: str, file: ElfFile, shipped: Collection[str]) -> Iterator[str]:
    if file.libc in {"glibc", "mixed"}:
        yield "it needs glibc, which a musl system has not"
        return
    yield from _against_loader(file, _LOADERS[file.machine][1] if file.machine in _LOADERS else "")
    for name in file.needed:
        if not _MUSL_LIBRARY.fullmatch(name):
            yield from _against_library(name, path, file, shipped)


def _against_glibc(glibc: Version, path: str, file: ElfFile, shipped: Collection[str]) -> Iterator[str]:
    if file.libc in {"musl", "mixed"}:
        yield "it needs musl, which a glibc system has not"
        return
    yield from _against_loader(file, _LOADERS[file.machine][0] if file.machine in _LOADERS else "")
    floor = file.glibc_floor
    if floor and floor > glibc:
        yield f"it needs glibc {_text(floor)}, and the tag promises {_text(glibc)}"
    for mark in file.glibc_marks:
        if _ABI_MARKS.get(mark, _NEVER) > glibc:
            yield f"it needs {mark}, which glibc {_text(glibc)} need not have"
    for version in file.versions:
        if _gcc_floor(version) > glibc:
            yield f"it needs {version}, newer than GCC's libraries on systems with glibc {_text(glibc)}"
    for name in file.needed:
        if name not in _MANYLINUX_LIBRARIES:
            yield from _against_library(name, path, file, shipped)


def _against_loader(file: ElfFile, loader: str) -> Iterator[str]:
    if file.interpreter and loader and file.interpreter != loader:
        yield f"it starts with the loader {file.interpreter}, and systems have {loader}"


def _against_library(name: str, path: str, file: ElfFile, shipped: Collection[str]) -> Iterator[str]:
    """A library that the tag does not promise must come along, where the file looks for it.

    A shared object may find it loaded already, by whoever loads the object, so there any place will do.
    """
    places = {_directory(other) for other in shipped if posixpath.basename(other) == name}
    if not places:
        yield f"it needs {name}, which the tag does not promise and the wheel does not hold"
    elif file.interpreter and places.isdisjoint(_searched(path, file)):
        yield f"it needs {name}, which lies in {min(places)}/, where it does not look"


def _searched(path: str, file: ElfFile) -> set[str]:
    spelled = (place.replace("${ORIGIN}", "$ORIGIN") for place in file.search_paths)
    here = _directory(path)
    return {posixpath.normpath(place.replace("$ORIGIN", here)) for place in spelled if place.startswith("$ORIGIN")}


def _directory(path: str) -> str:
    return posixpath.dirname(path) or "."


def _floor(file: ElfFile) -> Version:
    """The lowest glibc that could do; what none has contradicts every tag afterwards."""
    marks = (_ABI_MARKS.get(mark, _NEVER) for mark in file.glibc_marks)
    floors = (file.glibc_floor or (0,), *marks, *map(_gcc_floor, file.versions))
    return max((floor for floor in floors if floor != _NEVER), default=(0,))


def _gcc_floor(version: str) -> Version:
    """The lowest glibc whose systems have this version of GCC's libraries; (0,) for a version of something else."""
    match = _GCC_VERSION.fullmatch(version)
    if match is None:
        return (0,)
    needed = dotted(match[2])
    return next((glibc for glibc, has in _GCC_LIBRARIES.items() if has[match[1]] >= needed), _NEVER)


def _glibc_tags(glibc: Version, machine: str) -> tuple[str, ...]:
    legacy = next((f"manylinux{name}_{machine}" for name, version in _LEGACY.items() if version == glibc[:2]), None)
    modern = f"manylinux_{glibc[0]}_{(*glibc, 0)[1]}_{machine}"
    return (legacy, modern) if legacy else (modern,)


def _text(version: Version) -> str:
    return ".".join(map(str, version))
