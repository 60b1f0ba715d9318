"""Before anything is sent: the release against itself, the index's rules, and who would get which wheel."""

import json

import msgspec
import pytest
from packaging.tags import mac_platforms, platform_tags

from publishing import change_record, recorded, sdk_sdist, sdk_wheel, stub_release, write_record
from sdk_artifacts.commands.publish import prepare
from sdk_artifacts.errors import CheckFailed, UsageProblem
from sdk_artifacts.publication.resolution import best_wheels, resolution_problems
from sdk_artifacts.tags.hosts import host
from sdk_artifacts.targets import known_targets
from sdk_artifacts.wheels.name import FileName
from wheel_builder import runtime_wheel

TARGETS = known_targets()


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def check(dist, recorder):
    return lambda: prepare(dist, targets=TARGETS.values(), reporter=recorder)


def rewrite(dist, *, wheels=None, sdk=None):
    """Record other files."""
    write_record(
        dist,
        wheels=wheels if wheels is not None else sorted(dist.glob("codex_cli_bin-*.whl")),
        sdk=sdk if sdk is not None else sorted(dist.glob("codex_app_server_sdk-*")),
    )


def test_a_right_release_passes_without_a_warning(check):
    publication, warnings = check()
    assert (publication.version, publication.sdk_version, warnings) == ("1.2.3", "1.2.3", [])
    assert [len(publication.part(part)) for part in ("runtime", "sdk")] == [7, 2]


def test_no_release_at_all(tmp_path, recorder):
    with pytest.raises(UsageProblem, match=r"release\.json does not exist"):
        prepare(tmp_path, targets=TARGETS.values(), reporter=recorder)


@pytest.mark.parametrize("text", ["", "{}", "[", '{"schema": 2}'])
def test_a_record_that_is_none(text, dist, check):
    (dist / "release.json").write_text(text)
    with pytest.raises(UsageProblem, match="is no record of a release"):
        check()


@pytest.mark.parametrize("more", [{"complete": False}, {"missing": ["x.whl"], "complete": False}, {"sdk": []}])
def test_a_release_that_is_not_complete(more, dist, check):
    change_record(dist, **more)
    with pytest.raises(CheckFailed, match="the release is not complete"):
        check()


def test_a_name_that_leads_elsewhere(dist, check):
    wheel = recorded(next(dist.glob("codex_cli_bin-*.whl"))) | {"name": "../escape.whl"}
    change_record(dist, wheels=[wheel])
    with pytest.raises(UsageProblem, match="is no file name"):
        check()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "and release.json says"),
        (lambda path: path.write_bytes(bytes(path.stat().st_size)), "its SHA-256 is"),
    ],
)
def test_a_file_that_is_not_the_recorded_one(change, problem, dist, check):
    change(next(dist.glob("codex_cli_bin-*.whl")))
    with pytest.raises(CheckFailed, match=problem):
        check()


def test_a_container_that_an_index_refuses(dist, check):
    wheel = next(dist.glob("*win32*"), next(dist.glob("*win_arm64*")))
    wheel.write_bytes(wheel.read_bytes() + b"trailing")
    rewrite(dist)
    with pytest.raises(CheckFailed, match="8 bytes follow the end of the archive"):
        check()


def test_a_failed_check_of_the_record(dist, check):
    document = json.loads((dist / "release.json").read_text())
    document["wheels"][0]["checks"]["tags"] = {"status": "failed"}
    (dist / "release.json").write_text(json.dumps(document))
    with pytest.raises(CheckFailed, match="its check tags says failed"):
        check()


@pytest.mark.parametrize(
    "requirement", ["codex-cli-bin>=1.2.3", "codex-cli-bin==1.2.2", "codex-cli-bin==1.2.3; 0", "x"]
)
def test_an_sdk_that_does_not_pin_this_runtime(requirement, dist, check):
    for make, name in ((sdk_wheel, "whl"), (sdk_sdist, "tar.gz")):
        make(dist, requirement)
        rewrite(dist)
        with pytest.raises(CheckFailed, match=rf"{name}: it requires .*not codex-cli-bin==1\.2\.3"):
            check()
        make(dist, "codex-cli-bin==1.2.3")


def test_a_wheel_of_another_version(dist, check):
    (sdk,) = dist.glob("*.tar.gz")
    rewrite(dist, sdk=[sdk_wheel(dist, "codex-cli-bin==1.2.3"), sdk.rename(dist / "codex_app_server_sdk-1.2.4.tar.gz")])
    with pytest.raises(CheckFailed, match=r"neither a wheel nor codex_app_server_sdk-1\.2\.3\.tar\.gz"):
        check()


@pytest.mark.parametrize("triple", TARGETS)
def test_a_missing_wheel_is_missed_on_its_hosts(triple, dist, check):
    for wheel in TARGETS[triple].wheels:
        present = [path for path in dist.glob("codex_cli_bin-*.whl") if wheel.tag not in path.name]
        rewrite(dist, wheels=present)
        with pytest.raises(CheckFailed, match=f"{triple}: .* gets no wheel"):
            check()


def test_two_wheels_for_one_host(dist, check):
    triple, target = next((triple, target) for triple, target in TARGETS.items() if target.os == "windows")
    draft = runtime_wheel(triple, b"another")
    draft.file_name = draft.file_name.replace(target.wheel().tags[0], f"win32.{target.wheel().tags[0]}")
    draft.write(dist)
    rewrite(dist)
    with pytest.raises(CheckFailed, match=f"{triple}: .* not exactly one"):
        check()


def test_a_file_over_the_default_limit_is_warned_about(check, monkeypatch):
    monkeypatch.setattr("sdk_artifacts.publication.preflight.DEFAULT_LIMIT_BYTES", 4000)
    assert all("without a request" in warning for warning in check()[1])
    assert check()[1]


def test_the_hosts_ask_for_what_packaging_asks_for():
    assert list(host("macosx_11_0_arm64")) == list(mac_platforms((11, 0), "arm64"))
    asked = [tag for tag in platform_tags() if not tag.startswith("linux")]
    if asked and asked[0].startswith("manylinux"):
        assert list(host(asked[0])) == asked


def test_where_two_wheels_fit_the_one_with_the_newer_promise_wins():
    target = TARGETS["aarch64-unknown-linux-musl"]
    wheels = {wheel.name: FileName.parse(f"codex_cli_bin-1-{wheel.tag}.whl") for wheel in target.wheels}
    assert best_wheels(host("manylinux_2_36_aarch64"), wheels) == ["glibc"]
    assert best_wheels(host("manylinux_2_17_aarch64"), wheels) == ["any-libc"]
    assert best_wheels(host("musllinux_1_2_aarch64"), wheels) == ["any-libc"]


def test_a_host_that_no_wheel_is_for_gets_none():
    target = msgspec.structs.replace(TARGETS["x86_64-unknown-linux-musl"])
    assert len(resolution_problems([target], [])) == 3 * len(target.wheel().tags)
