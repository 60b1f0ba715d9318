"""Whatever stands in a wheel, there is a verdict; and what an installer would see differently is seen."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sdk_artifacts.commands.verify import Verdict, verify
from sdk_artifacts.lock import Lock
from sdk_artifacts.reporting import Silent
from wheel_builder import Entry, foreign_wheel, lock_of, runtime_wheel, zip_bytes

TRIPLE = "aarch64-unknown-linux-musl"  # of no host that runs the tests by itself, so that mutants are never run
MUTATIONS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def good(natives, tmp_path_factory) -> tuple[str, bytes, Lock]:
    """File name and bytes of a wheel that passes, and its lock with a version that no executable is run for."""
    draft = runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())
    path = draft.write(tmp_path_factory.mktemp("good"))
    return path.name, path.read_bytes(), lock_of(draft, TRIPLE)


def verdict_on(name: str, data: bytes, lock: Lock | None = None) -> Verdict:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, name)
        path.write_bytes(data)
        return verify([path], checks=["tags", "container", "payload", "size"], lock=lock, reporter=Silent())[0]


def seen(data: bytes) -> object:
    """What an installer sees of an archive: names, modes, dates and bytes; None when it cannot read it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            return [(info.filename, info.external_attr, info.date_time, archive.read(info)) for info in infos]
    except Exception:  # noqa: BLE001 - however it fails, it fails
        return None


@given(position=st.integers(0, 1 << 30), mask=st.integers(1, 255))
@MUTATIONS
def test_a_changed_byte_fails_some_check_or_changes_nothing(good, position, mask):
    name, data, lock = good
    mutant = bytearray(data)
    mutant[position % len(data)] ^= mask
    verdict = verdict_on(name, bytes(mutant), lock)
    assert not verdict.passed or seen(bytes(mutant)) == seen(data)


@given(start=st.integers(0, 1 << 30), cut=st.integers(0, 300), insert=st.binary(max_size=300))
@example(start=0, cut=0, insert=b"x")
@MUTATIONS
def test_bytes_put_in_or_left_out_fail_some_check(good, start, cut, insert):
    name, data, lock = good
    start %= len(data) + 1
    mutant = data[:start] + insert + data[start + cut :]
    if mutant != data:
        verdict = verdict_on(name, mutant, lock)
        assert not verdict.passed or seen(mutant) == seen(data)


@given(name=st.sampled_from(["METADATA", "WHEEL", "RECORD"]), text=st.binary(max_size=400))
@example(name="RECORD", text=b'"')
@example(name="RECORD", text=b"\0,,")
@example(name="WHEEL", text=b"Tag: -")
@example(name="METADATA", text=b"Metadata-Version: 999999999999999999999.1\n")
@MUTATIONS
def test_any_text_in_the_metadata_gives_a_verdict(name, text):
    draft = foreign_wheel("py3-none-any", {})
    draft.entries[f"other-4.5.dist-info/{name}"] = Entry(text)
    assert verdict_on(draft.file_name, zip_bytes(draft.entries)).sha256


@given(text=st.binary(max_size=400))
@example(text=b"[" * 100_000)
@example(text=b'{"schema": 1e999}')
@MUTATIONS
def test_any_text_in_our_manifest_gives_a_failed_check(good, text):
    name, data, lock = good
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {info.filename: Entry(archive.read(info), info.external_attr >> 16) for info in archive.infolist()}
    entries["codex_cli_bin/manifest.json"] = Entry(text)
    assert not verdict_on(name, zip_bytes(entries), lock).passed


@given(
    name=st.text(max_size=80).filter(lambda name: "/" not in name and "\0" not in name and name not in ("", ".", ".."))
)
@settings(max_examples=100, deadline=None)
def test_any_file_name_gives_a_verdict(name):
    data = zip_bytes(foreign_wheel("py3-none-any", {}).entries)
    try:
        verdict = verdict_on(name, data)
    except (OSError, UnicodeEncodeError):
        return  # this file system has no such name
    assert not verdict.passed


def test_a_zip_bomb_fails_without_being_inflated():
    size = 3 << 30
    draft = foreign_wheel("py3-none-any", {})
    sizes = {"size": size}
    draft.entries["other/bomb"] = Entry(b"x", packed=b"\x01" * 1000, local=sizes, central=sizes)
    verdict = verdict_on(draft.file_name, zip_bytes(draft.entries))
    assert "times its own size; 50 is accepted" in str(verdict.checks[1])


def test_a_hundred_thousand_members_give_a_handful_of_findings():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    verdict = verdict_on("other-4.5-py3-none-any.whl", buffer.getvalue())
    assert [len(check.findings) for check in verdict.checks] == [1, 1, 1, 1]


def test_findings_are_no_more_than_people_read():
    draft = foreign_wheel("py3-none-any", {f"other/{number}": b"" for number in range(200)}, mode=0o100644)
    draft.put("other-4.5.dist-info/RECORD", b"")  # lists none of them
    container = verdict_on(draft.file_name, zip_bytes(draft.entries)).checks[1]
    assert len(container.findings) == 51
    assert container.findings[-1].message.startswith("and 1")
    assert container.reason.startswith("204 errors: ")


def test_overlapping_members_fail(natives):
    draft = foreign_wheel("py3-none-manylinux_2_17_x86_64", {"other/a": natives["static_x86_64"].read_bytes()})
    draft.entries["other/b"] = Entry(b"x" * 100, central={"offset": 0})
    verdict = verdict_on(draft.file_name, zip_bytes(draft.entries))
    assert "shares bytes with another member" in str(verdict.checks[1])


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_wheel_fails_every_check_that_was_asked_for(good, keep):
    name, data, lock = good
    verdict = verdict_on(name, data[: int(len(data) * keep)], lock)
    assert {check.status for check in verdict.checks} == {"failed"}
