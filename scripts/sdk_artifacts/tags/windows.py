"""Which Windows platform tags a PE file allows. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping

from ..binaries.facts import PeFile

_MACHINES: Mapping[str, str] = {"win_amd64": "x86_64", "win_arm64": "aarch64", "win32": "i686"}

# Only what is known to be missing contradicts a tag. Nobody has the list of all that Windows 10 and later bring (some
# thousand DLLs and API sets), so a name that is merely unknown proves nothing: a false alarm would stop a good release,
# while a real miss shows at the first start on Windows. These are redistributables, which come with programs,
# of Visual C++, GCC, LLVM, Intel and Cygwin.
_REDISTRIBUTABLES = re.compile(
    r"(?:vcruntime|msvcp|msvcr|concrt|vccorlib|vcomp|vcamp|mfc|atl)[0-9]{2,3}.*\.dll"
    r"|ucrtbased\.dll"
    r"|(?:libgcc_s|libstdc\+\+|libwinpthread|libgomp|libc\+\+|libunwind|libomp).*\.dll|libiomp5md\.dll"
    r"|cygwin1\.dll|msys-2\.0\.dll",
)
# Of the same names, what Windows or its .NET brings.
_SYSTEM = re.compile(r".*_(?:win|clr0400)\.dll|msvcp60\.dll|mfc4[02]u?\.dll")
_FROM_PYTHON = re.compile(r"vcruntime140(?:_1)?\.dll")  # every Python for Windows has them beside python.exe


def contradictions(tag: str, path: str, file: PeFile, shipped: Collection[str]) -> Iterator[str] | None:
    """Why `tag` is not true of `file`; None when it is no Windows tag."""
    machine = _MACHINES.get(tag)
    if machine is None:
        return None
    if file.machine != machine:
        return iter([f"it is for {file.machine}"])
    return _missing(path, file, shipped)


def candidates(files: Collection[PeFile]) -> tuple[str, ...]:
    """The tags that could be true of all `files`."""
    return tuple(tag for tag, machine in _MACHINES.items() if {file.machine for file in files} == {machine})


def _missing(path: str, file: PeFile, shipped: Collection[str]) -> Iterator[str]:
    """Windows looks beside an executable; for a DLL who loads it decides, so there the whole wheel counts."""
    here = path.rpartition("/")[0]
    everywhere: dict[str, set[str]] = {}
    for other in shipped:
        place, _, name = other.rpartition("/")
        everywhere.setdefault(name.lower(), set()).add(place)
    in_python = any(other.endswith(".pyd") for other in (path, *shipped))
    for name in file.imports:
        places = everywhere.get(name, set())
        if here in places or (file.is_dll and (places or (in_python and _FROM_PYTHON.fullmatch(name)))):
            continue
        if places:
            yield f"it needs {name}, which lies in {min(places)}/, where Windows does not look"
        elif _REDISTRIBUTABLES.fullmatch(name) and not _SYSTEM.fullmatch(name):
            yield f"it needs {name}, which Windows has not and the wheel does not hold"
