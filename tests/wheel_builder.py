"""Builds small wheels byte by byte: the canonical form by default, and any lie by changing one value of it."""

import base64
import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sdk_artifacts import paths
from sdk_artifacts.binaries.embedded import Crate, Embedded
from sdk_artifacts.bom import RUNTIME_SBOM, Contents, bill_of_runtime, render_bom
from sdk_artifacts.licenses import terms_of
from sdk_artifacts.lock import Lock, LockedFile, LockedTarget
from sdk_artifacts.parts import known_parts
from sdk_artifacts.stage import Source, Stage, StagedFile
from sdk_artifacts.targets import Target, known_targets

VERSION = "1.2.3"
PACKAGE = "codex_cli_bin"
DIST_INFO = f"{PACKAGE}-{VERSION}.dist-info"
DATE = 40 << 9 | 2 << 5 | 2  # 2020-02-02


@dataclass
class Entry:
    """A member; `local` and `central` replace single fields of its headers, `gap` is written before it."""

    data: bytes
    mode: int = 0o100644
    flags: int = 0
    date: int = DATE
    raw_name: bytes | None = None
    packed: bytes | None = None
    extra: bytes = b""
    local_extra: bytes | None = None
    comment: bytes = b""
    gap: bytes = b""
    local: dict[str, int | bytes] = field(default_factory=dict)
    central: dict[str, int | bytes] = field(default_factory=dict)


LOCAL = (
    "signature",
    "needed",
    "flags",
    "method",
    "time",
    "date",
    "crc32",
    "packed_size",
    "size",
    "name_size",
    "extra_size",
)
CENTRAL = (
    *("signature", "made_by", "needed", "flags", "method", "time", "date", "crc32", "packed_size", "size", "name_size"),
    *("extra_size", "comment_size", "disk", "internal", "external", "offset"),
)


def zip_bytes(
    entries: Mapping[str, Entry], *, comment: bytes = b"", before: bytes = b"", after: bytes = b"", **end: int
) -> bytes:
    """An archive of these members in this order; `end` replaces fields of the end record."""
    body, directory = bytearray(before), bytearray()
    for name, entry in entries.items():
        body += entry.gap
        raw_name = entry.raw_name if entry.raw_name is not None else name.encode()
        packed, method = _packed(entry)
        common = {
            "needed": 20, "flags": entry.flags, "method": method, "time": 0, "date": entry.date,
            "crc32": zlib.crc32(entry.data), "packed_size": len(packed), "size": len(entry.data),
            "name_size": len(raw_name), "extra_size": len(entry.extra),
        }  # fmt: skip
        central = common | {
            "signature": b"PK\1\2", "made_by": 3 << 8 | 20, "comment_size": len(entry.comment), "disk": 0,
            "internal": 0, "external": entry.mode << 16, "offset": len(body),
        } | entry.central  # fmt: skip
        local_extra = entry.extra if entry.local_extra is None else entry.local_extra
        local = common | {"signature": b"PK\3\4", "extra_size": len(local_extra)} | entry.local
        body += struct.pack("<4s5H3L2H", *(local[key] for key in LOCAL)) + raw_name + local_extra + packed
        directory += struct.pack("<4s6H3L5H2L", *(central[key] for key in CENTRAL))
        directory += raw_name + entry.extra + entry.comment
    fields = {"disk": 0, "directory_disk": 0, "here": len(entries), "count": len(entries), "size": len(directory)}
    fields |= {"offset": len(body), "comment_size": len(comment)} | end
    return bytes(body + directory) + struct.pack("<4s4H2LH", b"PK\5\6", *fields.values()) + comment + after


def _packed(entry: Entry) -> tuple[bytes, int]:
    if entry.packed is not None:
        return entry.packed, 8
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflater.compress(entry.data) + deflater.flush()
    return (packed, 8) if len(packed) < len(entry.data) else (entry.data, 0)


@dataclass
class WheelDraft:
    """A wheel's members by name and its file name, to be changed before it is written."""

    file_name: str
    entries: dict[str, Entry]
    recorded: bool = True

    @property
    def dist_info(self) -> str:
        return next(name.partition("/")[0] for name in self.entries if name.partition("/")[0].endswith(".dist-info"))

    def put(self, name: str, data: bytes, mode: int = 0o100644) -> None:
        """Add or replace a member, in canonical order."""
        self.entries[name] = Entry(data, mode)
        rank = {entry: (".dist-info/" in entry, entry.endswith("/RECORD"), entry) for entry in self.entries}
        self.entries = dict(sorted(self.entries.items(), key=lambda item: rank[item[0]]))

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a text member."""
        before = self.entries[name].data.decode()
        assert old in before
        self.entries[name].data = before.replace(old, new).encode()

    def write(self, directory: Path, **zip_options: object) -> Path:
        """Write the wheel, with a RECORD that is right unless `recorded` is off."""
        if self.recorded:
            self.put(f"{self.dist_info}/RECORD", record(self.entries, self.dist_info))
        path = directory / self.file_name
        path.write_bytes(zip_bytes(self.entries, **zip_options))  # type: ignore[arg-type]  # handed through
        return path


def record(entries: Mapping[str, Entry], dist_info: str) -> bytes:
    """The right RECORD."""
    rows = []
    for name, entry in entries.items():
        if name != f"{dist_info}/RECORD":
            digest = base64.urlsafe_b64encode(hashlib.sha256(entry.data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(entry.data)}\n")
    return "".join([*rows, f"{dist_info}/RECORD,,\n"]).encode()


def runtime_wheel(
    triple: str, native: bytes, *, wheel: str | None = None, files: Mapping[str, bytes] | None = None
) -> WheelDraft:
    """A wheel of ours that every check passes, when `native` is what `triple` needs.

    Args:
        triple: the target.
        native: the bytes of each native file.
        wheel: the name of the target's wheel, the first without.
        files: bytes of single payload files instead.
    """
    target = known_targets()[triple]
    named = target.wheel(wheel)
    described = {"layoutVersion": 1, "version": VERSION, "target": triple, "entrypoint": target.executable}
    payload = {
        path: msgspec.json.encode(described) if path == "codex-package.json" else native
        for component in named.components
        for path in target.components[component].required
    }
    payload |= files or {}
    terms = terms_of(target, payload, known_parts())
    stage = Stage(
        schema=1, version=VERSION, upstream_version=VERSION, target=triple, wheel=named.name, tag=named.tag,
        license_expression=terms.expression, license_files=terms.texts, own_license_files=(),
        sbom_files=(RUNTIME_SBOM,), executable=target.executable,
        path_directory="codex-path" if any(path.startswith("codex-path/") for path in payload) else None,
        components=named.components, source=Source("npm", "@made/for-a-test@1.2.3-x", "0" * 128),
        files={
            path: StagedFile(len(data), hashlib.sha256(data).hexdigest(), target.mode_of(path))
            for path, data in payload.items()
        },
    )  # fmt: skip
    elsewhere = ("tag", "license_expression", "license_files", "own_license_files", "sbom_files")
    manifest = {key: value for key, value in msgspec.to_builtins(stage).items() if key not in elsewhere}
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in sorted(named.tags))
    draft = WheelDraft(f"{PACKAGE}-{VERSION}-{named.tag}.whl", {})
    draft.put(f"{PACKAGE}/__init__.py", b'"""Made for a test."""\n')
    draft.put(f"{PACKAGE}/manifest.json", msgspec.json.format(msgspec.json.encode(manifest)))
    for path, data in payload.items():
        draft.put(f"{PACKAGE}/{path}", data, 0o100000 | int(target.mode_of(path), 8))
    texts = "".join(f"License-File: licenses/{text}\n" for text in terms.texts)
    licensed = f"License-Expression: {terms.expression}\n{texts}"
    draft.put(f"{DIST_INFO}/METADATA", _metadata("codex-cli-bin", VERSION, licensed))
    draft.put(f"{DIST_INFO}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n{tags}".encode())
    for text in terms.texts:
        content = (paths.RUNTIME_TEMPLATE / "licenses" / text).read_bytes()
        draft.put(f"{DIST_INFO}/licenses/licenses/{text}", content)
    draft.put(f"{DIST_INFO}/sboms/{RUNTIME_SBOM}", _bill(stage, target))
    return draft


def _bill(stage: Stage, target: Target) -> bytes:
    """The bill of the stage, as if each part had left its trace in each file."""
    contents = {}
    for path in stage.files:
        names = target.parts_of(path)
        traced = {name: "" for name in names if known_parts()[name].evidence}
        contents[path] = Contents(names, Embedded(traced, (Crate("serde", "1.0.228"),)))
    return render_bom(bill_of_runtime(stage, contents, known_parts())).encode()


def foreign_wheel(tag: str, files: Mapping[str, bytes], *, mode: int = 0o100755) -> WheelDraft:
    """A right wheel of another project with this tag and these files."""
    purelib = "true" if tag.endswith("-any") else "false"
    python, abi, platforms = tag.split("-")
    draft = WheelDraft(f"other-4.5-{tag}.whl", {})
    draft.put("other/__init__.py", b"")
    for name, data in files.items():
        draft.put(name, data, mode)
    draft.put("other-4.5.dist-info/METADATA", _metadata("other", "4.5"))
    tags = "".join(f"Tag: {python}-{abi}-{platform}\n" for platform in platforms.split("."))
    draft.put("other-4.5.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: {purelib}\n{tags}".encode())
    return draft


def lock_of(draft: WheelDraft, triple: str, version: str = VERSION) -> Lock:
    """A lock that names the payload of this wheel."""
    files = {
        name.removeprefix(f"{PACKAGE}/"): LockedFile(len(entry.data), hashlib.sha256(entry.data).hexdigest())
        for name, entry in draft.entries.items()
        if name.startswith(f"{PACKAGE}/") and not name.endswith((".py", "manifest.json"))
    }
    return Lock(1, version, {triple: LockedTarget("@a/package", f"{version}-x", 1, "0" * 128, files)})


def _metadata(name: str, version: str, more: str = "") -> bytes:
    return f"Metadata-Version: 2.5\nName: {name}\nVersion: {version}\n{more}\n".encode()
