"""What is in a built wheel, as plain data; read with nothing but the standard library."""

import base64
import csv
import email
import hashlib
import io
import json
import stat
import zipfile

import pytest
from build import ProjectBuilder
from pyproject_hooks import quiet_subprocess_runner

from .stages import PAYLOAD, SBOM, WHEEL, build_wheel, make_stage

INFO = "codex_cli_bin-1.2.3.dist-info"
MEMBERS = {
    "codex_cli_bin/__init__.py": "0644",
    "codex_cli_bin/__main__.py": "0644",
    "codex_cli_bin/_doctor.py": "0644",
    "codex_cli_bin/_findings.py": "0644",
    "codex_cli_bin/_machine.py": "0644",
    "codex_cli_bin/_pyinstaller.py": "0644",
    "codex_cli_bin/_windows.py": "0644",
    "codex_cli_bin/bin/codex": "0755",
    "codex_cli_bin/bin/codex-code-mode-host": "0755",
    "codex_cli_bin/codex-package.json": "0644",
    "codex_cli_bin/codex-path/rg": "0755",
    "codex_cli_bin/hook-codex_cli_bin.py": "0644",
    "codex_cli_bin/manifest.json": "0644",
    "codex_cli_bin/py.typed": "0644",
    f"{INFO}/METADATA": "0644",
    f"{INFO}/WHEEL": "0644",
    f"{INFO}/entry_points.txt": "0644",
    f"{INFO}/licenses/licenses/codex-LICENSE.txt": "0644",
    f"{INFO}/licenses/licenses/ripgrep-UNLICENSE.txt": "0644",
    f"{INFO}/sboms/codex-cli-bin.cdx.json": "0644",
    f"{INFO}/RECORD": "0644",
}


@pytest.fixture
def archive(wheel):
    with zipfile.ZipFile(wheel) as opened:
        yield opened


def test_the_members_and_their_modes_in_canonical_order(archive):
    members = archive.infolist()
    assert {member.filename: f"{stat.S_IMODE(member.external_attr >> 16):04o}" for member in members} == MEMBERS
    assert [member.filename for member in members] == list(MEMBERS)


def test_every_member_is_a_regular_file_of_unix_with_the_fixed_date(archive):
    for member in archive.infolist():
        assert stat.S_ISREG(member.external_attr >> 16), member.filename
        assert (member.create_system, member.flag_bits, member.extra, member.comment) == (3, 0, b"", b"")
        assert member.date_time == (2020, 2, 2, 0, 0, 0)


def test_a_member_is_deflated_where_that_is_smaller_and_stored_elsewhere(archive):
    for member in archive.infolist():
        deflated = member.compress_type == zipfile.ZIP_DEFLATED
        assert deflated == (member.compress_size < member.file_size), member.filename
    assert archive.getinfo("codex_cli_bin/codex-package.json").compress_type == zipfile.ZIP_DEFLATED
    assert archive.getinfo("codex_cli_bin/bin/codex-code-mode-host").compress_type == zipfile.ZIP_STORED


def test_record_lists_every_member_with_its_digest_and_size(archive):
    rows = list(csv.reader(io.StringIO(archive.read(f"{INFO}/RECORD").decode())))
    assert [name for name, _, _ in rows] == archive.namelist()
    assert rows[-1][1:] == ["", ""]
    for name, digest, size in rows[:-1]:
        content = archive.read(name)
        expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={expected}", str(len(content)))


def test_the_payload_is_unchanged(archive):
    for path, (content, _) in PAYLOAD.items():
        assert archive.read(f"codex_cli_bin/{path}") == content


def test_the_manifest_is_the_stage_without_what_the_metadata_says(archive, tmp_path):
    stage = json.loads((make_stage(tmp_path / "stage") / "stage.json").read_text())
    gone = {"tag", "license_expression", "license_files", "own_license_files", "sbom_files"}
    assert json.loads(archive.read("codex_cli_bin/manifest.json")) == {
        key: value for key, value in stage.items() if key not in gone
    }


def test_the_bill_of_materials_is_packed_as_it_was_staged(archive):
    assert archive.read(f"{INFO}/sboms/codex-cli-bin.cdx.json").decode() == SBOM


def test_a_license_text_of_the_payload_is_named_and_packed_as_one(tmp_path):
    payload = {**PAYLOAD, "codex-resources/licenses/Opus.txt": (b"Use Opus.\n", "0644")}
    stage = make_stage(tmp_path / "stage", payload, own_license_files=["codex-resources/licenses/Opus.txt"])
    with zipfile.ZipFile(build_wheel(stage, tmp_path / "out")) as archive:
        metadata = email.message_from_bytes(archive.read(f"{INFO}/METADATA"))
        assert "payload/codex-resources/licenses/Opus.txt" in metadata.get_all("License-File")
        packed = archive.read(f"{INFO}/licenses/payload/codex-resources/licenses/Opus.txt")
        assert packed == archive.read("codex_cli_bin/codex-resources/licenses/Opus.txt") == b"Use Opus.\n"


def test_metadata_has_version_and_licenses_of_the_stage(archive):
    metadata = email.message_from_bytes(archive.read(f"{INFO}/METADATA"))
    assert metadata["Metadata-Version"] == "2.4"
    assert (metadata["Name"], metadata["Version"]) == ("codex-cli-bin", "1.2.3")
    assert metadata["License-Expression"] == "Apache-2.0 AND (MIT OR Unlicense)"
    assert metadata.get_all("License-File") == ["licenses/codex-LICENSE.txt", "licenses/ripgrep-UNLICENSE.txt"]
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["Requires-Dist"] is None
    assert metadata["Dynamic"] is None


def test_wheel_file_has_the_tags_of_the_file_name_and_is_not_pure(archive):
    wheel = email.message_from_bytes(archive.read(f"{INFO}/WHEEL"))
    platforms = WHEEL.removesuffix(".whl").split("-")[-1].split(".")
    assert wheel.get_all("Tag") == [f"py3-none-{platform}" for platform in platforms]
    assert wheel["Root-Is-Purelib"] == "false"


def test_a_name_beyond_ascii_is_marked_as_utf_8_and_an_empty_file_is_a_member(tmp_path):
    stage = make_stage(tmp_path / "stage", {**PAYLOAD, "codex-resources/größe.txt": (b"", "0644")})
    with zipfile.ZipFile(build_wheel(stage, tmp_path / "out")) as archive:
        member = archive.getinfo("codex_cli_bin/codex-resources/größe.txt")
        assert (member.flag_bits, member.file_size, member.compress_type) == (0x800, 0, zipfile.ZIP_STORED)
        assert archive.testzip() is None


def test_metadata_alone_is_that_of_the_wheel_without_record(archive, tmp_path):
    builder = ProjectBuilder(make_stage(tmp_path / "stage"), runner=quiet_subprocess_runner)
    assert builder.prepare("wheel", tmp_path / "metadata") == str(tmp_path / "metadata" / INFO)
    prepared = {path.relative_to(tmp_path / "metadata").as_posix(): path for path in tmp_path.glob("metadata/**/*")}
    expected = [name for name in archive.namelist() if name.startswith(INFO) and not name.endswith("RECORD")]
    assert sorted(name for name, path in prepared.items() if path.is_file()) == sorted(expected)
    assert all(prepared[name].read_bytes() == archive.read(name) for name in expected)
