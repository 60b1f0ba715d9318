"""The toolkit's readers of what somebody built: executables, archives, wheels."""

import gzip
import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

import hostile_archives as hostile
from fuzz.mutants import EXTREMES, Mutants, changed_bytes
from fuzz.subject import Subject
from natives import native_files
from sdk_artifacts.binaries import inspect
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.errors import CheckFailed, PayloadRefused, ToolkitError
from sdk_artifacts.payload import read_package, unpack
from sdk_artifacts.reporting import Silent
from sdk_artifacts.tags import contradictions, truest, why_none
from wheel_builder import CENTRAL, LOCAL, Entry, WheelDraft, lock_of, record, runtime_wheel, zip_bytes

TRIPLE = "aarch64-unknown-linux-musl"  # of no host that runs the tests by itself, so that mutants are never run
_LARGE = 20_000
_TAGS = ("manylinux_2_17_x86_64", "musllinux_1_1_aarch64", "macosx_11_0_arm64", "win_amd64", "linux_x86_64")
_WIDE = {"crc32", "packed_size", "size", "external", "offset"}
_LONG_NAME = "bin/" + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 100


def judge_native(data: bytes) -> None:
    """An executable has facts, and these allow tags or say why not; or it is malformed."""
    with suppress(CheckFailed):
        facts = inspect(data)
        if facts is not None:
            files = {"a/b": facts}
            assert truest(files) or why_none(files)
            for tag in _TAGS:
                contradictions(tag, "a/b", facts)


def _natives() -> Mutants:
    small = [path.read_bytes() for path in native_files().values() if path.stat().st_size < _LARGE]
    return changed_bytes([*small, b"\xca\xfe\xba\xbe\0\0\0\1" + bytes(64)], changes_max=8)


def take_archive(data: bytes) -> None:
    """An archive is unpacked whole, or refused."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory, suppress(PayloadRefused):
        source, into = Path(directory, "archive"), Path(directory, "into")
        source.write_bytes(data)
        unpack(source, into, keep=lambda _: True)
        read_package(into)


def _archives(build: hostile.Build) -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        files = {**hostile.SMALL_PAYLOAD, _LONG_NAME: b"x", "codex-path/rg": bytes(3000)}
        return [build(Path(directory, "archive"), files).read_bytes()]


def _tars() -> Mutants:
    """Damage before compression, which gzip's checksum would else find first; and sometimes after it."""
    (packed,) = _archives(hostile.tar_gz)
    headers = [header.tobuf() for header in (hostile.tar_member(b"2", "x", "y"), hostile.tar_member(b"K", "z"))]
    inside = changed_bytes([gzip.decompress(packed)], headers).map(lambda raw: gzip.compress(raw, 1, mtime=0))
    return inside | changed_bytes([packed])


@cache
def _wheel() -> WheelDraft:
    draft = runtime_wheel(TRIPLE, native_files()[TRIPLE].read_bytes())
    draft.put(f"{draft.dist_info}/RECORD", record(draft.entries, draft.dist_info))
    return draft


def judge_wheel(data: bytes) -> None:
    """A wheel has a verdict of every check."""
    draft = _wheel()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory, suppress(ToolkitError):
        path = Path(directory, draft.file_name)
        path.write_bytes(data)
        (verdict,) = verify([path], lock=lock_of(draft, TRIPLE), reporter=Silent())
        assert verdict.sha256 or not verdict.passed


@st.composite
def _wheels(draw: st.DrawFn) -> bytes:
    """A wheel with other members, or with headers that lie about them."""
    draft = _wheel()
    entries = dict(draft.entries)
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(entries)))
        entries[draw(st.just(name) | st.text(max_size=8))] = draw(_changed_entry(entries[name]))
    if draw(st.booleans()):
        entries[f"{draft.dist_info}/RECORD"] = Entry(record(entries, draft.dist_info))
    end = draw(st.dictionaries(st.sampled_from(["count", "size", "offset"]), st.integers(0, 0xFFFF), max_size=1))
    return zip_bytes(entries, after=draw(st.sampled_from([b"", b"", b"x"])), **end)


@st.composite
def _changed_entry(draw: st.DrawFn, entry: Entry) -> Entry:
    match draw(st.sampled_from(["data", "data", "local", "central", "mode", "name", "packed"])):
        case "data":
            return replace(entry, data=draw(changed_bytes([entry.data])))
        case "mode":
            return replace(entry, mode=draw(st.integers(0, 0xFFFF)))
        case "name":
            return replace(entry, raw_name=draw(st.binary(max_size=12)))
        case "packed":
            return replace(entry, packed=draw(st.binary(max_size=64)))
        case side:
            field = draw(st.sampled_from((LOCAL if side == "local" else CENTRAL)[1:]))
            value = draw(st.sampled_from(EXTREMES)) % (1 << 32 if field in _WIDE else 1 << 16)
            return replace(entry, **{side: {field: value}})


SUBJECTS = {
    "native": Subject(_natives, judge_native),
    "tar": Subject(_tars, take_archive),
    "zip": Subject(lambda: changed_bytes(_archives(hostile.zip_file)), take_archive),
    "wheel": Subject(_wheels, judge_wheel),
}
