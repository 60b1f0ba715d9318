"""Real native files of every platform: cross-compiled by ziglang from `tests/data/natives`, once, into the cache.

`codex-cli 1.2.3` is what the executables named after a target triple answer to `--version`; `codex_host` is this
machine's one. The first call builds all in about 10 s of one core.
"""

import hashlib
import os
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from sdk_artifacts import paths
from sdk_artifacts.files import atomic_directory

SOURCES = Path(__file__).parent / "data" / "natives"

# Without a C library where it is not the point: building one costs up to 25 s per target.
_FREESTANDING = ("codex.c", "-nostdlib", "-static")
_MACOS = ("codex.c", "-nostdlib", "-lSystem")
_WINDOWS = ("codex.c", "-nostdlib", "-lkernel32", "-Wl,--subsystem,console", "-Wl,--entry,mainCRTStartup")
_GLIBC_2_17 = ("needs.c", "-DNEED=secure_getenv")
_GLIBC_2_28 = ("needs.c", "-DNEED=statx")
_MUSL = ("needs.c", "-DNEED=getpid", "-dynamic")
_VCRUNTIME = ("needs.c", "-DNEED=__current_exception", "-nostdlib", "-Wl,--entry,call_it", "vcruntime140.lib")
_SHARED = ("-shared", "-fPIC")

BUILDS: Mapping[str, tuple[str, ...]] = {
    "x86_64-unknown-linux-musl": ("x86_64-linux-musl", *_FREESTANDING, "-pie", "-fPIE"),
    "aarch64-unknown-linux-musl": ("aarch64-linux-musl", *_FREESTANDING),
    "x86_64-apple-darwin": ("x86_64-macos.10.12", *_MACOS),
    "aarch64-apple-darwin": ("aarch64-macos.11.0", *_MACOS),
    "x86_64-pc-windows-msvc.exe": ("x86_64-windows-gnu", *_WINDOWS),
    "aarch64-pc-windows-msvc.exe": ("aarch64-windows-gnu", *_WINDOWS),
    "static_x86_64": ("x86_64-linux-musl", *_FREESTANDING),
    "glibc_2_17_x86_64": ("x86_64-linux-gnu.2.17", *_GLIBC_2_17),
    "glibc_pthread_x86_64": ("x86_64-linux-gnu.2.17", "needs.c", "-DNEED=pthread_getname_np", "-lpthread"),
    "glibc_2_28_x86_64": ("x86_64-linux-gnu.2.28", *_GLIBC_2_28),
    "glibc_2_28_aarch64": ("aarch64-linux-gnu.2.28", *_GLIBC_2_28),
    "glibc_2_17_x86_64.so": ("x86_64-linux-gnu.2.17", *_GLIBC_2_17, *_SHARED),
    "defines_glibc_2_26_x86_64.so": (
        *("x86_64-linux-gnu.2.17", *_GLIBC_2_17, *_SHARED),
        "-Wl,--version-script,defines_2_26.map",
    ),
    "glibc_private_x86_64.so": (
        *("x86_64-linux-musl", "needs.c", "-DNEED=private_function", "-nostdlib", *_SHARED),
        "private.so",
    ),
    "musl_x86_64": ("x86_64-linux-musl", *_MUSL),
    "musl_aarch64": ("aarch64-linux-musl", *_MUSL),
    "musl_x86_64.so": ("x86_64-linux-musl", *_MUSL, *_SHARED),
    "macos_12_3_arm64": ("aarch64-macos.12.3", *_MACOS),
    "macos_11_0_x86_64": ("x86_64-macos.11.0", *_MACOS),
    "windows_x86.exe": ("x86-windows-gnu", *_WINDOWS),
    "vcruntime_x86_64.exe": ("x86_64-windows-gnu", *_VCRUNTIME, "-Wl,--subsystem,console"),
    "vcruntime_x86_64.dll": ("x86_64-windows-gnu", *_VCRUNTIME, "-shared"),
}
_LIBRARIES_TO_LINK = (
    ("dlltool", "-m", "i386:x86-64", "-d", "vcruntime140.def", "-l", "vcruntime140.lib"),
    (
        *("cc", "-target", "x86_64-linux-musl", "-nostdlib", *_SHARED, "-Wl,-soname,libc.so.6"),
        *("-Wl,--version-script,private.map", "-o", "private.so", "private.c"),
    ),
)
FAT = {"macos_universal2": ("x86_64-apple-darwin", "aarch64-apple-darwin")}


def native_files() -> dict[str, Path]:
    """Every native file by name (keys of BUILDS and FAT without `.exe`, and `codex_host`); built if need be."""
    directory = paths.cache_directory() / "natives" / _key()
    if not directory.is_dir():
        with atomic_directory(directory) as partial:
            _build_all(partial)
    files = {path.name.removesuffix(".exe"): path for path in sorted(directory.iterdir())}
    host = host_triple()
    return files | ({"codex_host": files[host]} if host in files else {})


def host_triple() -> str:
    """The triple of this machine, whether or not something is built for it."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{machine}-" + {"darwin": "apple-darwin", "win32": "pc-windows-msvc"}.get(
        sys.platform, "unknown-linux-musl"
    )


def fat(*thin: bytes) -> bytes:
    """A fat Mach-O of thin ones (what `lipo` would make); the CPU types come from their headers."""
    align = 14
    header, body = struct.pack(">II", 0xCAFEBABE, len(thin)), b""
    start = 1 << align
    for content in thin:
        cpu, subtype = struct.unpack_from("<II", content, 4)
        header += struct.pack(">IIIII", cpu, subtype, start + len(body), len(content), align)
        body += content + bytes(-len(content) % start)
    return header.ljust(start, b"\0") + body


def _key() -> str:
    digest = hashlib.sha256(version("ziglang").encode())
    for path in (Path(__file__), *sorted(SOURCES.iterdir())):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _build_all(into: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="natives-") as temporary:
        scratch = Path(temporary) / "sources"
        shutil.copytree(SOURCES, scratch)
        for arguments in _LIBRARIES_TO_LINK:
            _zig(scratch, *arguments)
        for name, (target, source, *options) in BUILDS.items():
            _zig(scratch, "cc", "-target", target, "-Os", "-s", "-o", str(into / name), source, *options)
    for name, thin in FAT.items():
        (into / name).write_bytes(fat(*((into / part).read_bytes() for part in thin)))
        (into / name).chmod(0o755)
    for extra in {path.name for path in into.iterdir()} - BUILDS.keys() - FAT.keys():
        (into / extra).unlink()  # import libraries that the linker adds


def _zig(scratch: Path, *arguments: str) -> None:
    """Run the cross-compiler among the sources, with a cache that ends with them."""
    cache = str(scratch.parent / "cache")
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
    command = [sys.executable, "-m", "ziglang", *arguments]
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with status {done.returncode}:\n{done.stderr}")
