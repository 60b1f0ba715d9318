"""Target files: today's truth, and each mistake named by file and key."""

import pytest

from sdk_artifacts import paths, targets
from sdk_artifacts.errors import DataProblem, UsageProblem

TRIPLES = [
    f"{machine}-{system}"
    for machine in ("aarch64", "x86_64")
    for system in ("apple-darwin", "pc-windows-msvc", "unknown-linux-musl")
]
GOOD = (paths.PLATFORMS / "x86_64-unknown-linux-musl.toml").read_text(encoding="utf-8")


@pytest.fixture
def load(tmp_path):
    """Load one target file of the given text, the good one with a replacement made."""

    def load(old: str = "", new: str = ""):
        assert old in GOOD
        path = tmp_path / "x86_64-unknown-linux-musl.toml"
        path.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
        return targets.load_target(path)

    return load


def test_the_six_targets_are_there():
    assert list(targets.load_targets()) == TRIPLES


def test_linux_x86_64_makes_one_wheel_for_both_libcs():
    (wheel,) = targets.known_targets()["x86_64-unknown-linux-musl"].wheels
    assert wheel.tag == "py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64"


def test_linux_aarch64_makes_two_since_its_rg_needs_glibc_2_18():
    glibc, anywhere = targets.known_targets()["aarch64-unknown-linux-musl"].wheels
    assert (glibc.tags, glibc.components) == (("manylinux_2_18_aarch64",), ("core", "search"))
    assert "musllinux_1_1_aarch64" in anywhere.tags
    assert "search" not in anywhere.components


def test_no_wheel_ships_voice_and_each_target_says_why():
    for target in targets.known_targets().values():
        assert target.components["voice"].withheld
        assert all("voice" not in wheel.components for wheel in target.wheels)


def test_a_file_belongs_to_one_component_or_to_none():
    target = targets.known_targets()["x86_64-unknown-linux-musl"]
    assert target.component_of("codex-path/rg") == "search"
    assert target.component_of("codex-resources/voice/lib/gstreamer-1.0/libgstapp.so") == "voice"
    assert target.component_of("bin/codex-new-helper") is None


def test_the_first_mode_that_matches_counts():
    target = targets.known_targets()["x86_64-unknown-linux-musl"]
    assert target.mode_of("bin/codex") == "0755"
    assert target.mode_of("codex-package.json") == "0644"


def test_the_good_file_loads(load):
    assert load().triple == "x86_64-unknown-linux-musl"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('npm_suffix = "linux-x64"', "", "npm_suffix"),
        ('runner = "ubuntu-24.04"', 'runner = "ubuntu-24.04"\ncolour = "red"', "colour"),
        ('os = "linux"', 'os = "plan9"', "os"),
        ('os = "linux"', 'os = "linux"\ntriple = "x"', "triple"),
        ('machine = "x86_64"', 'machine = "aarch64"', "machine"),
        ('"*" = "0644"', "", "modes"),
        ('"*" = "0644"', '"*" = "0600"', "modes"),
        ('executable = "bin/codex"', 'executable = "bin/other"', "executable"),
        ('required = ["codex-path/rg"]', 'requires = ["codex-path/rg"]', "components"),
        ('components = ["core", "search"]', 'components = ["core", "music"]', "wheels.any-libc.components"),
        ('components = ["core", "search"]', 'components = ["core", "voice"]', "wheels.any-libc.components"),
        ('components = ["core", "search"]', 'components = ["search"]', "wheels.any-libc.components"),
        ('"manylinux2014_x86_64"', '"linux_x86_64"', "wheels.any-libc.tags"),
        ('"manylinux2014_x86_64"', '"manylinux_2_17_x86_64"', "wheels.any-libc.tags"),
        ("os = ", "os ", "toml"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(load, old, new, key):
    with pytest.raises(DataProblem) as caught:
        load(old, new)
    assert "x86_64-unknown-linux-musl.toml" in caught.value.message
    assert key in caught.value.message


def test_two_wheels_that_claim_one_tag_are_both_named(tmp_path):
    for triple in ("x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"):
        (tmp_path / f"{triple}.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(DataProblem, match=r"linux-musl\.toml.*manylinux2014_x86_64 is claimed by .*linux-gnu\.toml"):
        targets.load_targets(tmp_path)


def test_a_directory_without_targets_is_an_error(tmp_path):
    with pytest.raises(DataProblem, match="no target file"):
        targets.load_targets(tmp_path)


def test_selecting_names_each_target_once_and_knows_the_host():
    host = targets.host_target()
    assert targets.select(["host", host.triple]) == [host]
    assert [target.triple for target in targets.select([])] == TRIPLES


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(UsageProblem) as caught:
        targets.select(["sparc-sun-solaris"])
    assert all(triple in caught.value.fix for triple in TRIPLES)


def test_an_unknown_wheel_is_refused_with_the_known_ones():
    with pytest.raises(UsageProblem) as caught:
        targets.known_targets()["aarch64-unknown-linux-musl"].wheel("musl")
    assert "glibc, any-libc" in caught.value.fix


def test_every_key_is_explained_in_the_readme():
    readme = (paths.PLATFORMS / "README.md").read_text(encoding="utf-8")
    for struct in (targets.Target, targets.Component, targets.Wheel):
        for key in set(struct.__struct_fields__) - {"triple"}:
            assert (
                f"`{key}`" in readme or f"`[{key}]`" in readme or f"`[[{key}]]`" in readme or f"`[{key}." in readme
            ), key
