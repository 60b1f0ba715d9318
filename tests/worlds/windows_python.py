"""CPython's own Windows build, put together from what a package index has.

Nothing there is a Python for Windows. The panda3d wheel for Windows, though, carries the `python3XX.dll` and the
extension modules that the Python Software Foundation built and signed, for the programs that its users freeze. The
standard library beside them is this interpreter's, the same on every platform, and `python.exe` is a few lines of C.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .cached import Say, made_once
from .unavailable import Unavailable

_DLLS = "panda3d==1.10.16"
_PIP = "pip==25.3"
_FIX = "Check the network and pip's index, then run again."
_VERSION = f"{sys.version_info.major}{sys.version_info.minor}"
_NOT_OF_WINDOWS = ("site-packages", "test", "lib-dynload", "config-*", "_sysconfigdata*", "__pycache__")
_MAIN = """
typedef unsigned short wide;
__declspec(dllimport) int Py_Main(int, wide **);
__declspec(dllimport) wide *GetCommandLineW(void);
__declspec(dllimport) wide **CommandLineToArgvW(const wide *, int *);
__declspec(dllimport) void ExitProcess(unsigned);
void start(void) {
    int count;
    wide **words = CommandLineToArgvW(GetCommandLineW(), &count);
    ExitProcess((unsigned)Py_Main(count, words));
}
"""


def windows_python(*, say: Say) -> Path:
    """A directory with `python.exe` and pip, of the version of this interpreter; copy it before installing into it.

    Raises:
        Unavailable: no index can be reached, or no such build is there.
    """
    return made_once("windows-python", (_DLLS, _PIP, sys.version, _MAIN), _make, say=say)


def _make(place: Path) -> None:
    shutil.copytree(sysconfig.get_path("stdlib"), place / "Lib", ignore=shutil.ignore_patterns(*_NOT_OF_WINDOWS))
    with tempfile.TemporaryDirectory() as directory:
        dlls, pip = _download([_DLLS, _PIP], Path(directory))
        _unzip(dlls, "deploy_libs/", place / "DLLs")
        _unzip(pip, "", place / "Lib/site-packages")
    library = f"python{_VERSION}.dll"
    for beside_program in (place / "DLLs" / library, *(place / "DLLs").glob("VCRUNTIME*")):
        beside_program.rename(place / beside_program.name)
    _compile(place / library, place / "python.exe")


def _download(requirements: Sequence[str], into: Path) -> list[Path]:
    """The Windows wheels of `requirements`, in their order, from the index that pip is set up for."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries=1", "download"]
    choice = ["--no-deps", "--only-binary=:all:", "--platform=win_amd64", f"--python-version={_VERSION}"]
    found: list[Path] = []
    for requirement in requirements:
        done = subprocess.run(
            [*pip, *choice, "--dest", into, requirement],
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"{requirement} cannot be had: {done.stderr.strip().rpartition('ERROR: ')[2]}", fix=_FIX)
        found += into.glob(f"{requirement.partition('=')[0]}-*.whl")
    return found


def _unzip(wheel: Path, prefix: str, into: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            # Wine has its own C runtime under these names.
            if member.filename.startswith(prefix) and "/api-ms-win-" not in member.filename:
                member.filename = member.filename.removeprefix(prefix)
                archive.extract(member, into)


def _compile(library: Path, program: Path) -> None:
    """Make `program`, which is `Py_Main` of `library` and nothing else, with the development dependencies' compiler."""
    program_alone = ["-target", "x86_64-windows-gnu", "-nostdlib", "-s", "-Wl,-e,start", "-Wl,--subsystem,console"]
    parts = ["-x", "c", "-", "-x", "none", str(library), "-lkernel32", "-lshell32"]
    compiler = [sys.executable, "-m", "ziglang", "cc", *program_alone, "-o", str(program), *parts]
    subprocess.run(compiler, input=_MAIN, encoding="utf-8", capture_output=True, check=True)
