"""The bill of materials: valid, the same for the same stage, and true of the bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import hostile_archives as hostile
from sdk_artifacts.binaries.embedded import CRATES_MAX, Crate, Embedded, look_into
from sdk_artifacts.bom import Bom, Component, Contents, bill_of_runtime, flattened, render_bom
from sdk_artifacts.commands.stage_runtime import Staged
from sdk_artifacts.parts import known_parts
from sdk_artifacts.targets import known_targets
from staging import HOST, V123, Stage, lock_of, payload_files, stager, unpacked

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
REGISTRY = b"/home/x/.cargo/registry/src/index.example-1949cf8c6b5b557f/"
TRACES = b"\0".join(
    (
        b"rustc version 1.95.0 (59807616e 2026-04-14)",
        REGISTRY + b"serde_json-1.0.149/src/de.rs",
        REGISTRY + b"bzip2-sys-0.1.13+1.0.8/lib.rs",
        REGISTRY.replace(b"/", b"\\") + rb"rama-core-0.3.0-alpha.4\src\lib.rs",
        b"/cargo/git/checkouts/sqlx-0ad836c8fe855b37/10462fa/src/lib.rs",
        b"/rust/deps/gimli-0.32.3/src/read/abbrev.rs",
    )
)
CRATES = (
    Crate("bzip2-sys", "0.1.13+1.0.8"),
    Crate("gimli", "0.32.3"),
    Crate("rama-core", "0.3.0-alpha.4"),
    Crate("serde_json", "1.0.149"),
    Crate("sqlx", "10462fa", is_checkout=True),
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stager(tmp_path)


def bill_of(staged: Staged) -> Bom:
    text = (staged.directory / "sboms" / "codex-cli-bin.cdx.json").read_text(encoding="utf-8")
    assert VALIDATOR.validate_str(text) is None
    return msgspec.json.decode(text, type=Bom)


def files_of(bom: Bom) -> dict[str, Component]:
    return {each.name: each for each in flattened(bom.components) if each.type == "file"}


@pytest.mark.parametrize("triple", known_targets())
def test_every_targets_bill_is_valid_and_has_the_digests_of_the_bytes(
    tmp_path: Path, natives: Mapping[str, Path], triple: str, stage: Stage
) -> None:
    files = payload_files(known_targets()[triple], natives)
    staged = stage(unpacked(tmp_path / "source", files))
    listed = files_of(bill_of(staged))
    assert listed.keys() == staged.stage.files.keys()
    for path, file in listed.items():
        content = (staged.directory / "payload" / path).read_bytes()
        stated = [(each.alg, each.content) for each in file.hashes]
        assert stated == [("SHA-256", hashlib.sha256(content).hexdigest())]
        assert file.licenses[0].expression, path


def test_the_locked_payload_names_the_package_it_came_in_with_its_integrity(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage
) -> None:
    files = payload_files(HOST, natives)
    archive = hostile.tar_gz(tmp_path / "locked", files)
    lock = lock_of(HOST, files, archive)
    bom = bill_of(stage(None, lock=lock, fetch=lambda _: archive))
    (origin,) = bom.components
    assert (origin.group, origin.name, origin.version) == ("@openai", "codex", f"1.2.3-{HOST.npm_suffix}")
    assert origin.purl == f"pkg:npm/%40openai/codex@1.2.3-{HOST.npm_suffix}"
    stated = [(each.alg, each.content) for each in origin.hashes]
    assert stated == [("SHA-512", hashlib.sha512(archive.read_bytes()).hexdigest())]
    assert {file.name for file in origin.components} == files_of(bom).keys()


def test_a_lone_executable_has_a_bill_that_claims_no_origin(natives: Mapping[str, Path], stage: Stage) -> None:
    bom = bill_of(stage(natives["codex_host"], version=V123))
    assert [component.name for component in bom.components] == [HOST.executable]
    assert bom.components[0].version == "1.2.3"
    assert [part.name for part in bom.components[0].components] == ["codex"], "of no other part there is a trace"
    assert bom.metadata is not None
    assert bom.metadata.component.purl == "pkg:pypi/codex-cli-bin@1.2.3"
    properties = {each.name: each.value for each in bom.metadata.properties}
    assert properties["codex-cli-bin:source"] == f"executable {natives['codex_host'].name}"


def test_parts_and_crates_are_listed_by_the_traces_in_the_bytes_and_not_as_all(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage
) -> None:
    executable = tmp_path / "codex"
    executable.write_bytes(natives["codex_host"].read_bytes() + TRACES)
    executable.chmod(0o755)
    bom = bill_of(stage(executable, version=V123))
    inside = {each.name: (each.version, each.purl) for each in bom.components[0].components}
    assert inside["rust"] == ("1.95.0", "pkg:generic/rust@1.95.0")
    assert inside["serde_json"] == ("1.0.149", "pkg:cargo/serde_json@1.0.149")
    assert inside["bzip2-sys"] == ("0.1.13+1.0.8", "pkg:cargo/bzip2-sys@0.1.13%2B1.0.8")
    assert inside["sqlx"] == ("10462fa", ""), "a repository, whose crates the trace does not tell"
    assert {each.aggregate: each.assemblies for each in bom.compositions}["incomplete"] == (HOST.executable,)


def test_the_same_payload_has_the_same_bill_and_another_one_another_serial_number(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage
) -> None:
    files = payload_files(HOST, natives)
    first = bill_of(stage(unpacked(tmp_path / "a" / "source", files), tmp_path / "first"))
    again = bill_of(stage(unpacked(tmp_path / "b" / "source", dict(reversed(files.items()))), tmp_path / "again"))
    assert render_bom(first) == render_bom(again)
    changed = {**files, "codex-path/rg": files.get("codex-path/rg", files[HOST.executable]) + b"!"}
    other = bill_of(stage(unpacked(tmp_path / "c" / "source", changed), tmp_path / "other"))
    assert other.serial_number != first.serial_number
    assert "timestamp" not in render_bom(first)


def test_the_order_in_which_files_were_met_does_not_show(
    natives: Mapping[str, Path], tmp_path: Path, stage: Stage
) -> None:
    staged = stage(unpacked(tmp_path / "source", payload_files(HOST, natives))).stage
    turned = msgspec.structs.replace(staged, files=dict(reversed(staged.files.items())))
    contents = dict.fromkeys(staged.files, Contents(("codex",), Embedded({})))
    assert bill_of_runtime(turned, contents, known_parts()) == bill_of_runtime(staged, contents, known_parts())


def looked(tmp_path: Path, content: bytes, **evidence: tuple[str, ...]):
    path = tmp_path / "file"
    path.write_bytes(content)
    return look_into(path, evidence)


def test_the_crates_that_a_program_names(tmp_path: Path) -> None:
    assert looked(tmp_path, TRACES * 2).crates == CRATES


def test_the_first_evidence_that_is_found_tells_the_version(tmp_path: Path) -> None:
    evidence = ("AWS-LC ([0-9.]+)", "AWS-LC ")
    assert looked(tmp_path, b"AWS-LC FIPS; AWS-LC 5.7.0", lc=evidence).parts == {"lc": "5.7.0"}
    assert looked(tmp_path, b"AWS-LC FIPS", lc=evidence).parts == {"lc": ""}
    assert looked(tmp_path, b"another library", lc=evidence).parts == {}


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert looked(tmp_path, b"", lc=("x",)).parts == {}


def test_a_program_that_names_endless_crates_is_cut_off(tmp_path: Path) -> None:
    named = b"".join(REGISTRY + b"crate%d-1.0.0/src/lib.rs\0" % number for number in range(CRATES_MAX + 50))
    assert len(looked(tmp_path, named).crates) == CRATES_MAX
