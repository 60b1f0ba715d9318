"""Archives that no honest tool makes, and the honest ones that they are compared with, as `.tar.gz` and as `.zip`."""

import gzip
import io
import json
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

Files = Mapping[str, bytes]
Build = Callable[[Path, Files], Path]

PACKAGE = {
    "layoutVersion": 1,
    "version": "1.2.3",
    "target": "x86_64-unknown-linux-musl",
    "variant": "codex",
    "entrypoint": "bin/codex",
    "resourcesDir": "codex-resources",
    "pathDir": "codex-path",
}
SMALL_PAYLOAD: Files = {"codex-package.json": json.dumps(PACKAGE).encode(), "bin/codex": b"\x7fELF" * 1000}


def tar_gz(path: Path, files: Files) -> Path:
    """An honest `.tar.gz` of `files`."""
    path = path.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            tar.addfile(_header(name, size=len(content)), io.BytesIO(content))
    return path


def zip_file(path: Path, files: Files) -> Path:
    """An honest `.zip` of `files`."""
    path = path.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo()
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED  # set, the name stays as it is, NUL and all
            archive.writestr(info, content)
    return path


BUILDS: Mapping[str, Build] = {"tar.gz": tar_gz, "zip": zip_file}


def tar_with(path: Path, *extra: tarfile.TarInfo) -> Path:
    """A payload, and behind it headers as they are given."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in SMALL_PAYLOAD.items():
            tar.addfile(_header(name, size=len(content)), io.BytesIO(content))
        for header in extra:
            tar.addfile(header, io.BytesIO(bytes(max(0, header.size))))
    return gzipped(path, raw.getvalue())


def gzipped(path: Path, content: bytes) -> Path:
    """Any bytes as `.tar.gz`."""
    path = path.with_suffix(".tar.gz")
    path.write_bytes(gzip.compress(content, 1, mtime=0))
    return path


def tar_member(kind: bytes, name: str = "bin/extra", link: str = "") -> tarfile.TarInfo:
    """A header of that tar type without content."""
    header = _header(name)
    header.type, header.linkname = kind, link
    return header


def tar_sparse(path: Path) -> Path:
    """A payload and a member that says by PAX header that it is 1 TiB of holes."""
    header = _header("bin/extra")
    header.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(1 << 40)}
    header.pax_headers |= {"GNU.sparse.map": "0,0", "GNU.sparse.numblocks": "1", "GNU.sparse.name": "bin/extra"}
    return tar_with(path, header)


def tar_long_header(path: Path, size: int) -> Path:
    """A member whose PAX headers alone inflate to `size` bytes."""
    header = _header("bin/extra")
    header.pax_headers = {"comment": "x" * size}
    return tar_with(path, header)


def tar_raw(files: Files) -> bytes:
    """The bytes of an honest tar before compression."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in files.items():
            tar.addfile(_header(name, size=len(content)), io.BytesIO(content))
    return raw.getvalue()


def zip_with(path: Path, info: zipfile.ZipInfo, content: bytes = b"x") -> Path:
    """A payload, and behind it one member as it is given."""
    path = zip_file(path, SMALL_PAYLOAD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, content)
    return path


def zip_member(kind: int, name: str = "bin/extra") -> zipfile.ZipInfo:
    """A member of that file type, as Unix records it."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def zip_patched(path: Path, central: Callable[[bytearray, int], None]) -> Path:
    """A payload whose last central record went through `central(archive bytes, offset of the record)`."""
    path = zip_with(path, zip_member(stat.S_IFREG), b"x" * 100)
    content = bytearray(path.read_bytes())
    central(content, content.rfind(b"PK\x01\x02"))
    path.write_bytes(content)
    return path


def zip_bomb(path: Path, size: int) -> Path:
    """One member of `size` zero bytes beside a payload, a thousandth of it in the file."""
    path = zip_file(path, SMALL_PAYLOAD)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bin/extra", "w") as member:
        for _ in range(size >> 20):
            member.write(bytes(1 << 20))
    return path


def tar_bomb(path: Path, size: int) -> Path:
    """The same as `.tar.gz`."""
    path = path.with_suffix(".tar.gz")
    raw = tar_raw(SMALL_PAYLOAD).rstrip(b"\0")
    raw += bytes(-len(raw) % 512) + _header("bin/extra", size=size).tobuf()
    deflate = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        file.write(deflate.compress(raw))
        for _ in range(size >> 20):
            file.write(deflate.compress(bytes(1 << 20)))
        file.write(deflate.compress(bytes(1024)) + deflate.flush())
    return path


def _header(name: str, *, size: int = 0) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    return header
