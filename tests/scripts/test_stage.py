"""`stage.json`: written once and the same, read back or refused."""

import json
from pathlib import Path

import msgspec
import pytest

from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.stage import Source, Stage, StagedFile, load_stage, render_stage

STAGE = Stage(
    schema=1,
    version="0.116.0a1",
    upstream_version="0.116.0-alpha.1",
    target="x86_64-unknown-linux-musl",
    wheel="any-libc",
    tag="py3-none-musllinux_1_1_x86_64",
    license_expression="Apache-2.0",
    license_files=("codex-LICENSE.txt",),
    own_license_files=(),
    sbom_files=("codex-cli-bin.cdx.json",),
    executable="bin/codex",
    path_directory=None,
    components=("core",),
    source=Source("executable", "codex", None),
    files={
        "codex-package.json": StagedFile(2, "b" * 64, "0644"),
        "bin/codex": StagedFile(1, "a" * 64, "0755"),
    },
)


def test_a_rendered_stage_reads_back(tmp_path: Path) -> None:
    (tmp_path / "stage.json").write_text(render_stage(STAGE), encoding="utf-8")
    assert load_stage(tmp_path) == STAGE


def test_the_text_is_sorted_indented_json() -> None:
    text = render_stage(STAGE)
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert json.loads(text)["files"]["bin/codex"] == {"mode": "0755", "sha256": "a" * 64, "size": 1}
    assert json.loads(text)["path_directory"] is None


def test_a_directory_that_is_not_staged_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"is no staged directory: it has no stage\.json") as problem:
        load_stage(tmp_path)
    assert problem.value.fix.endswith(f"stage-runtime {tmp_path}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "truncated"),
        (render_stage(msgspec.structs.replace(STAGE, schema=2)), "key `schema`: 2 is not 1"),
        (render_stage(STAGE).replace('"0755"', '"0777"'), "0777"),
        (render_stage(STAGE).replace('"wheel"', '"wheels"'), "wheel"),
    ],
)
def test_a_stage_of_another_toolkit_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "stage.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem, match=reason):
        load_stage(tmp_path)
