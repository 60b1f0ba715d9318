"""Builds that must not go on: each says why and what to do, and leaves nothing behind."""

import os
import subprocess
import sys

import pytest
import tomllib

from .stages import PAYLOAD, TEMPLATE, build_wheel, frontend, make_stage


def refused(stage, out, *options, **environment):
    """What a frontend prints when the wheel of `stage` is refused; nothing may be left in `out`."""
    done = frontend("build", "-w", "-n", "-x", stage, "-o", out, *options, **environment)
    assert done.returncode != 0
    assert not out.exists() or not list(out.iterdir())
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_bare_template_names_the_command_that_stages(tmp_path):
    stage = make_stage(tmp_path / "stage")
    (stage / "stage.json").unlink()
    text = refused(stage, tmp_path / "out")
    assert "nothing is staged" in text
    assert "python scripts/update_sdk_artifacts.py stage-runtime DIR" in text


def test_a_source_distribution_is_refused_with_the_reason(tmp_path):
    done = frontend("build", "-n", "-x", make_stage(tmp_path / "stage"), "-o", tmp_path / "out")
    assert done.returncode != 0
    assert "wheel-only: a source distribution would have to carry or fetch an executable" in done.stdout + done.stderr
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(("target", "reason"), [("sdist", "wheel-only"), ("wheel", "without the executable")])
def test_hatchling_by_itself_makes_nothing(target, reason, tmp_path):
    stage = make_stage(tmp_path / "stage")
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", tmp_path / "out"]
    done = subprocess.run(command, cwd=stage, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert reason in done.stderr
    assert "python -m build --wheel" in done.stderr
    assert not list(tmp_path.glob("out/*"))


def tampered(stage):
    (stage / "payload/bin/codex").write_bytes(PAYLOAD["bin/codex"][0].replace(b"1.2.3", b"6.6.6"))
    return "bin/codex has other bytes than stage.json says"


def shortened(stage):
    os.truncate(stage / "payload/bin/codex", 5)
    return "bin/codex has other bytes than stage.json says"


def added(stage):
    (stage / "payload/bin/extra").touch()
    return "files that stage.json does not list: bin/extra"


def taken(stage):
    (stage / "payload/codex-path/rg").unlink()
    return "lacks files that stage.json lists: codex-path/rg"


def linked(stage):
    place = stage / "payload/codex-path/rg"
    place.rename(stage / "rg")
    place.symlink_to(stage / "rg")
    return "payload/codex-path/rg is no regular file"


def unlisted_text(stage):
    (stage / "licenses" / "extra-LICENSE.txt").write_text("text")
    return "does not list the license text licenses/extra-LICENSE.txt"


def lost_text(stage):
    (stage / "licenses" / "ripgrep-UNLICENSE.txt").unlink()
    return "names the license text licenses/ripgrep-UNLICENSE.txt, which is not there"


def lost_bill(stage):
    (stage / "sboms" / "codex-cli-bin.cdx.json").unlink()
    return "names the bill of materials sboms/codex-cli-bin.cdx.json, which is not there"


@pytest.mark.parametrize("change", [unlisted_text, lost_text, lost_bill])
def test_a_stage_without_its_papers_is_refused(change, tmp_path):
    stage = make_stage(tmp_path / "stage")
    reason = change(stage)
    assert reason in refused(stage, tmp_path / "out")


@pytest.mark.parametrize("path", ["LICENSE", "codex-resources/NOTICE.md", "codex-resources/licenses/Opus.txt"])
def test_a_payload_file_that_looks_like_a_license_and_is_not_listed_is_refused(path, tmp_path):
    stage = make_stage(tmp_path / "stage", {**PAYLOAD, path: (b"text", "0644")})
    assert f"does not list the license text payload/{path}" in refused(stage, tmp_path / "out")


def test_a_listed_license_text_that_the_payload_lacks_is_refused(tmp_path):
    stage = make_stage(tmp_path / "stage", own_license_files=["codex-resources/NOTICE.md"])
    assert "names the license text payload/codex-resources/NOTICE.md, which is not there" in refused(
        stage, tmp_path / "out"
    )


@pytest.mark.parametrize("change", [tampered, shortened, added, taken, linked])
def test_a_payload_that_is_not_the_staged_one_is_refused(change, tmp_path):
    stage = make_stage(tmp_path / "stage")
    reason = change(stage)
    text = refused(stage, tmp_path / "out")
    assert "the stage was changed after staging" in text
    assert reason in text


def test_a_payload_may_not_replace_a_file_of_the_package(tmp_path):
    stage = make_stage(tmp_path / "stage", {**PAYLOAD, "__init__.py": (b"", "0644")})
    assert "the package has itself: codex_cli_bin/__init__.py" in refused(stage, tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": 2}, "has schema 2, this build reads 1"),
        ({"license_files": ["absent.txt"]}, "licenses/absent.txt, which is not there"),
    ],
)
def test_a_stage_that_this_build_cannot_honor_is_refused(changes, reason, tmp_path):
    assert reason in refused(make_stage(tmp_path / "stage", **changes), tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "is no JSON document"), ("5", "is no JSON object"), ('{"schema": 1}', "lacks version, tag")],
)
def test_a_broken_stage_file_is_refused(content, reason, tmp_path):
    stage = make_stage(tmp_path / "stage")
    (stage / "stage.json").write_text(content)
    assert reason in refused(stage, tmp_path / "out")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("compression=best", "compression='best' is not one of fast, small"),
        ("level=9", "unknown build setting level"),
        ("cache=nowhere", "cache='nowhere' is no directory"),
    ],
)
def test_an_unknown_setting_is_refused(setting, reason, tmp_path):
    assert reason in refused(make_stage(tmp_path / "stage"), tmp_path / "out", "-C", setting)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SOURCE_DATE_EPOCH": "yesterday"}, "SOURCE_DATE_EPOCH='yesterday' is no number"),
        ({"HATCH_BUILD_NO_HOOKS": "true"}, "the build hook did not run"),
    ],
)
def test_an_environment_that_would_change_the_wheel_is_refused(environment, reason, tmp_path):
    assert reason in refused(make_stage(tmp_path / "stage"), tmp_path / "out", **environment)


def test_an_ignore_file_above_the_stage_decides_nothing(wheel, tmp_path):
    (tmp_path / ".gitignore").write_text("_doctor.py\n")
    assert build_wheel(make_stage(tmp_path / "stage"), tmp_path / "out").read_bytes() == wheel.read_bytes()


def test_the_pins_of_the_build_are_the_pins_of_the_toolkit():
    toolkit = tomllib.loads((TEMPLATE.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    requires = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(requires) <= set(toolkit)
