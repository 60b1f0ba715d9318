from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_artifacts.binaries import inspect
from sdk_artifacts.binaries.facts import ElfFile, MachOFile, MachOSlice, NativeFile, PeFile
from sdk_artifacts.tags import contradictions, is_platform_tag, truest, why_none
from sdk_artifacts.tags.hosts import host, hosts
from sdk_artifacts.tags.macos import MAJORS
from sdk_artifacts.targets import known_targets

Natives = Mapping[str, Path]


def facts(natives: Natives, *names: str) -> dict[str, NativeFile]:
    return {name: found for name in names if (found := inspect(natives[name].read_bytes()))}


@pytest.mark.parametrize(
    "tag",
    [
        *("manylinux1_x86_64", "manylinux2014_aarch64", "manylinux_2_17_x86_64", "musllinux_1_1_aarch64"),
        *("macosx_10_12_x86_64", "macosx_11_0_arm64", "macosx_26_0_universal2", "win_amd64", "win_arm64", "win32"),
    ],
)
def test_a_tag_that_the_index_takes(tag: str):
    assert is_platform_tag(tag)


@pytest.mark.parametrize(
    "tag",
    [
        *("any", "linux_x86_64", "macosx_12_3_arm64", "macosx_16_0_arm64", "macosx_11_0_aarch64", "win_x86_64"),
        *("manylinux_2_17_amd64", "musllinux_2_1_x86_64", "manylinux2014_x86_64.", "win32\n", ""),
    ],
)
def test_a_tag_that_the_index_refuses(tag: str):
    assert not is_platform_tag(tag)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["static_x86_64", "x86_64-unknown-linux-musl"],
            ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "musllinux_1_1_x86_64"),
        ),
        (
            ["aarch64-unknown-linux-musl"],
            ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "musllinux_1_1_aarch64"),
        ),
        (["static_x86_64", "glibc_2_17_x86_64.so"], ("manylinux2014_x86_64", "manylinux_2_17_x86_64")),
        (["glibc_2_17_x86_64", "glibc_2_28_x86_64"], ("manylinux_2_28_x86_64",)),
        (["glibc_2_28_aarch64", "aarch64-unknown-linux-musl"], ("manylinux_2_28_aarch64",)),
        (["defines_glibc_2_26_x86_64.so"], ("manylinux2014_x86_64", "manylinux_2_17_x86_64")),
        (["musl_x86_64", "musl_x86_64.so", "static_x86_64"], ("musllinux_1_2_x86_64",)),
        (["x86_64-apple-darwin"], ("macosx_10_12_x86_64",)),
        (["aarch64-apple-darwin"], ("macosx_11_0_arm64",)),
        (["macos_12_3_arm64", "aarch64-apple-darwin"], ("macosx_13_0_arm64",)),
        (["macos_universal2"], ("macosx_10_12_universal2",)),
        (["macos_universal2", "macos_11_0_x86_64"], ("macosx_11_0_x86_64",)),
        (["x86_64-pc-windows-msvc"], ("win_amd64",)),
        (["aarch64-pc-windows-msvc"], ("win_arm64",)),
        (["windows_x86"], ("win32",)),
    ],
)
def test_the_truest_tags_of_real_files(natives: Natives, names: list[str], expected: tuple[str, ...]):
    files = facts(natives, *names)
    assert truest(files) == expected
    assert why_none(files) == []
    assert all(is_platform_tag(tag) for tag in expected)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["static_x86_64", "aarch64-unknown-linux-musl"], "no tag is for all of Linux on aarch64, Linux on x86_64"),
        (["static_x86_64", "x86_64-pc-windows-msvc"], "no tag is for all of Linux on x86_64, Windows on x86_64"),
        (["x86_64-apple-darwin", "aarch64-apple-darwin"], "macOS 10.12.0 on x86_64, macOS 11.0.0 on aarch64"),
        (["glibc_2_17_x86_64", "musl_x86_64"], "it needs glibc, which a musl system has not"),
        (["glibc_private_x86_64.so"], "it needs GLIBC_PRIVATE, which glibc 2.5 need not have"),
        (["vcruntime_x86_64"], "it needs vcruntime140.dll, which Windows has not"),
        ([], "there is no native file"),
    ],
)
def test_where_no_tag_is_true_there_is_a_reason(natives: Natives, names: list[str], reason: str):
    files = facts(natives, *names)
    assert truest(files) == ()
    assert reason in "\n".join(why_none(files))


def test_what_lies_beside_makes_a_tag_true(natives: Natives):
    files = facts(natives, "vcruntime_x86_64")
    assert truest(files, shipped={"VCRUNTIME140.dll"}) == ("win_amd64",)
    assert why_none(files, shipped={"VCRUNTIME140.dll"}) == []


@pytest.mark.parametrize(
    ("tag", "name", "reason"),
    [
        ("win_amd64", "static_x86_64", "it is a Linux file"),
        ("manylinux_2_17_x86_64", "x86_64-apple-darwin", "it is a macOS file"),
        ("macosx_11_0_arm64", "x86_64-pc-windows-msvc", "it is a Windows file"),
        ("any", "static_x86_64", "it is a Linux file"),
        ("musllinux_1_1_x86_64", "aarch64-unknown-linux-musl", "it is for aarch64"),
        ("win_arm64", "x86_64-pc-windows-msvc", "it is for x86_64"),
    ],
)
def test_a_file_of_another_system_or_machine_contradicts(natives: Natives, tag: str, name: str, reason: str):
    (file,) = facts(natives, name).values()
    assert contradictions(tag, "bin/codex", file) == [f"bin/codex is not {tag}: {reason}"]


def test_every_targets_stand_in_is_true_of_every_tag_of_its_wheels(natives: Natives):
    for target in known_targets().values():
        (file,) = facts(natives, target.triple).values()
        for wheel in target.wheels:
            assert [contradictions(tag, target.executable, file) for tag in wheel.tags] == [[]] * len(wheel.tags)


MACHINES = st.sampled_from(["x86_64", "aarch64", "i686", "riscv64", "EM_68K, 32-bit big-endian"])
NUMBERS = st.tuples(st.integers(2, 2), st.integers(0, 45)) | st.tuples(st.just(2), st.just(2), st.integers(0, 9))
VERSIONS = st.lists(
    NUMBERS.map(lambda version: "GLIBC_" + ".".join(map(str, version)))
    | st.sampled_from(["GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GLIBCXX_3.4.30", "GCC_4.2.0", "LOCAL_1"]),
).map(tuple)
NEEDED = st.lists(st.sampled_from(["libc.so.6", "libc.so", "libm.so.6", "libgcc_s.so.1", "libown.so.1"])).map(tuple)
ELF_FILES = st.builds(ElfFile, MACHINES, needed=NEEDED, versions=VERSIONS)
MINIMUMS = st.none() | st.tuples(st.integers(10, 28), st.integers(0, 16), st.integers(0, 2))
SLICES = st.builds(
    MachOSlice, st.sampled_from(["x86_64", "aarch64", "arm64e"]), st.just(("macOS",)), minimum_os=MINIMUMS
)
MACH_O_FILES = st.lists(SLICES, min_size=1, max_size=2).map(lambda parts: MachOFile(tuple(parts)))
IMPORTS = st.lists(st.sampled_from(["kernel32.dll", "vcruntime140.dll", "own.dll"])).map(tuple)
PE_FILES = st.builds(PeFile, MACHINES, is_dll=st.booleans(), imports=IMPORTS)
PATHS = st.sampled_from(["bin/codex", "bin/own.dll", "lib/libown.so.1", "bin/vcruntime140.dll"])


@given(
    files=st.dictionaries(PATHS, ELF_FILES) | st.dictionaries(PATHS, MACH_O_FILES) | st.dictionaries(PATHS, PE_FILES)
)
def test_the_truest_tags_are_true_or_their_absence_has_a_reason(files: dict[str, NativeFile]):
    tags = truest(files)
    assert bool(tags) != bool(why_none(files))
    assert list(tags) == sorted(tags)
    for tag in tags:
        assert is_platform_tag(tag)
        for path, file in files.items():
            assert contradictions(tag, path, file, shipped=set(files)) == []


@pytest.mark.parametrize("slices", [(MachOSlice("x86_64"),), ()])
def test_a_macos_file_that_names_no_system_is_described_with_none(slices: tuple[MachOSlice, ...]):
    (reason,) = why_none({"a": MachOFile(slices), "b": PeFile("x86_64", is_dll=False)})
    assert reason.startswith("no tag is for all of Windows on x86_64, macOS 0 on ")


@pytest.mark.parametrize(
    ("tag", "least", "newest"),
    [
        ("macosx_11_0_arm64", "macosx_11_0_arm64", f"macosx_{MAJORS[-1]}_0_arm64"),
        ("manylinux_2_17_x86_64", "manylinux_2_17_x86_64", "manylinux_2_99_x86_64"),
        ("musllinux_1_1_aarch64", "musllinux_1_1_aarch64", "musllinux_1_99_aarch64"),
        ("win_arm64", "win_arm64", "win_arm64"),
    ],
)
def test_a_host_asks_for_the_best_that_it_can_run_first(tag: str, least: str, newest: str):
    assert (host(tag)[0], host(tag, newest=True)[0]) == (least, newest)
    assert tag in host(tag)
    assert tag in host(tag, newest=True)


def test_each_tag_promises_two_hosts():
    assert list(hosts({"win_arm64", "macosx_11_0_arm64"})) == [
        *("the least host of macosx_11_0_arm64", "a new host of the kind of macosx_11_0_arm64"),
        *("the least host of win_arm64", "a new host of the kind of win_arm64"),
    ]
    found = hosts({"macosx_11_0_arm64"})
    assert [tags[0] for tags in found.values()] == ["macosx_11_0_arm64", f"macosx_{MAJORS[-1]}_0_arm64"]
