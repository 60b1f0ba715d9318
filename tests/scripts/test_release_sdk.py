"""The SDK in a release: made last, proven with its runtime, kept when it is still so."""

import shutil

import msgspec
import pytest

from hostile_archives import tar_gz
from sdk_artifacts.commands import release_sdk
from sdk_artifacts.errors import CheckFailed, UsageProblem
from sdk_artifacts.sdk_stage import TYPES_FILE
from sdk_artifacts.targets import host_target
from sdk_artifacts.turn_trial import ANSWER
from small_release import MACOS, X86_64, contents

pytestmark = pytest.mark.skipif(host_target().triple != X86_64, reason="the turn is run on x86_64 Linux")
NAMES = ("codex_app_server_sdk-1.2.3-py3-none-any.whl", "codex_app_server_sdk-1.2.3.tar.gz")


def times(directory):
    return {path.name: path.stat().st_mtime_ns for path in directory.glob("codex*")}


def test_it_is_recorded_with_its_pin_its_checks_and_the_turn_that_it_ran(make, tmp_path):
    done, _ = make(X86_64)
    on_disk = contents(tmp_path / "dist")
    assert [(file.name, file.kind) for file in done.sdk] == [(NAMES[0], "wheel"), (NAMES[1], "sdist")]
    for file in done.sdk:
        assert file.sha256 == on_disk[file.name]
        assert "codex-cli-bin==1.2.3" in file.requires
    assert done.sdk[0].checks["version"].status == "passed"
    assert done.sdk[1].checks["source"].status == "passed"
    assert (done.turn.sdk, done.turn.wheel) == (NAMES[0], done.wheels[0].name)
    assert done.turn.printed["one turn"] == ANSWER
    assert not set(NAMES) & {*done.missing}


def test_it_is_kept_as_it_is_and_the_turn_is_not_run_again(make, tmp_path, monkeypatch):
    first, _ = make(X86_64)
    before = times(tmp_path / "dist")
    monkeypatch.setenv("STAND_IN_APP_SERVER", "false")  # a turn would fail
    again, recorder = make(X86_64)
    assert again == first
    assert times(tmp_path / "dist") == before
    assert [name for name in NAMES if f"{name}: already there and proven" in recorder.notes] == [*NAMES]


def test_other_sources_make_another_sdk_and_run_another_turn_with_the_same_runtime(make, sdk_template, tmp_path):
    first, _ = make(X86_64)
    (sdk_template / "README.md").write_text("# Another\n")
    again, _ = make(X86_64)
    assert again.wheels == first.wheels
    assert {file.sha256 for file in again.sdk}.isdisjoint(file.sha256 for file in first.sdk)
    assert again.turn.sdk_sha256 == again.sdk[0].sha256 == contents(tmp_path / "dist")[NAMES[0]]


def test_a_turn_that_goes_wrong_fails_the_release_and_is_tried_again(make, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setenv("STAND_IN_APP_SERVER", "false")
        with pytest.raises(CheckFailed, match=r"turn\.py"):
            make(X86_64)
    done, _ = make(X86_64)
    assert done.turn is not None


def test_an_sdk_whose_types_are_of_another_runtime_stops_it_before_anything_is_made(make, sdk_template, tmp_path):
    types = sdk_template / TYPES_FILE
    types.write_text(types.read_text().replace('"1.2.3"', '"1.2.2"', 1))
    with pytest.raises(UsageProblem, match=r"types are of runtime 1\.2\.2, not 1\.2\.3"):
        make(X86_64)
    assert not list((tmp_path / "dist").glob("*.whl"))


def test_it_is_not_made_while_a_wheel_that_was_asked_for_fails(make, lock, publish, tmp_path):
    unsigned = msgspec.structs.replace(lock, targets=lock.targets | {MACOS: publish(MACOS)})
    with pytest.raises(CheckFailed, match="signature"):
        make(X86_64, MACOS, lock=unsigned)
    assert [name.partition("-")[0] for name in times(tmp_path / "dist")] == ["codex_cli_bin"]


def test_a_source_distribution_that_gives_another_wheel_is_no_release(make, tmp_path, monkeypatch):
    build = release_sdk.build

    def tampered(directories, *, kind, **given):
        (built,) = build(directories, kind=kind, **given)
        if kind == "sdist":
            name = built.path.name.removesuffix(".tar.gz")
            shutil.unpack_archive(built.path, tmp_path / "sources")
            root = tmp_path / "sources"
            (root / name / "README.md").write_text("# Tampered with\n")
            files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            built.path.write_bytes(tar_gz(tmp_path / "tampered", files).read_bytes())
        return [built]

    monkeypatch.setattr(release_sdk, "build", tampered)
    with pytest.raises(CheckFailed, match="gives another wheel"):
        make(X86_64)
    assert not [path.name for path in (tmp_path / "dist").glob("codex_app*")]


def test_a_wheel_of_somebody_elses_that_pip_would_rather_take_is_noticed(make, sdk_template, tmp_path):
    make(X86_64)
    (wheel,) = (tmp_path / "dist").glob("codex_cli_bin-*.whl")
    shutil.copy(
        wheel, wheel.with_name(wheel.name.replace("-1.2.3-", "-1.2.3-9-"))
    )  # with a build number: the newer one
    (sdk_template / "README.md").write_text("# Another, which must be tried\n")
    with pytest.raises(
        CheckFailed, match=r"pip did not install codex_cli_bin-1\.2\.3-py3.* but .*codex_cli_bin-1\.2\.3-9-"
    ):
        make(X86_64)
