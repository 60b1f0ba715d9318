import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_artifacts.binaries.facts import MachOFile, MachOSlice
from sdk_artifacts.tags import contradictions, is_platform_tag, truest, why_none


def part(machine: str = "x86_64", minimum_os: tuple[int, int, int] | None = (11, 0, 0), **more) -> MachOSlice:
    platforms = () if minimum_os is None else ("macOS",)
    return MachOSlice(**{"machine": machine, "platforms": platforms, "minimum_os": minimum_os, **more})


def thin(*arguments, **more) -> MachOFile:
    return MachOFile((part(*arguments, **more),))


def against(tag: str, file: MachOFile, *shipped: str) -> str:
    return "\n".join(contradictions(tag, "pkg/bin/codex", file, shipped=set(shipped)))


@pytest.mark.parametrize(
    ("minimum_os", "expected"),
    [
        ((10, 12, 0), "macosx_10_12_x86_64"),
        ((10, 12, 1), "macosx_10_13_x86_64"),
        ((10, 12, 6), "macosx_10_13_x86_64"),
        ((11, 0, 0), "macosx_11_0_x86_64"),
        ((11, 0, 1), "macosx_12_0_x86_64"),
        ((11, 3, 0), "macosx_12_0_x86_64"),
        ((12, 3, 0), "macosx_13_0_x86_64"),
        ((15, 0, 0), "macosx_15_0_x86_64"),
        ((15, 4, 0), "macosx_26_0_x86_64"),
        ((16, 0, 0), "macosx_26_0_x86_64"),
    ],
)
def test_the_minimum_is_rounded_up_to_a_tag_that_the_index_takes(minimum_os: tuple[int, int, int], expected: str):
    assert truest({"bin/codex": thin(minimum_os=minimum_os)}) == (expected,)


def test_past_the_last_macos_that_the_index_knows_no_tag_is_true():
    files = {"bin/codex": thin(minimum_os=(26, 1, 0))}
    assert truest(files) == ()
    assert why_none(files) == ["no tag is for all of macOS 26.1.0 on x86_64"]


def test_a_minor_that_the_index_refuses_makes_no_tag():
    assert truest({"bin/codex": thin(minimum_os=(10, 200, 0))}) == ()


def test_without_a_minimum_it_is_held_against_the_lowest_tag():
    files = {"bin/codex": thin(minimum_os=None)}
    assert why_none(files) == ["bin/codex is not macosx_10_0_x86_64: it says no minimum macOS"]


def test_every_part_that_is_missing_is_told():
    found = contradictions("macosx_11_0_universal2", "codex", thin("arm64e"))
    assert found == [
        f"codex is not macosx_11_0_universal2: it is for arm64e and has no part for {machine}"
        for machine in ("x86_64", "aarch64")
    ]


@pytest.mark.parametrize(
    ("tag", "file", "reason"),
    [
        ("macosx_10_12_x86_64", thin(minimum_os=(10, 13, 0)), "it needs macOS 10.13, and the tag promises 10.12"),
        ("macosx_12_0_x86_64", thin(minimum_os=(12, 0, 1)), "it needs macOS 12.0.1, and the tag promises 12.0"),
        ("macosx_11_0_arm64", thin(), "it is for x86_64 and has no part for aarch64"),
        ("macosx_11_0_universal2", thin(), "it is for x86_64 and has no part for aarch64"),
        ("macosx_11_0_arm64", thin("arm64e"), "it is for arm64e and has no part for aarch64"),
        ("macosx_11_0_x86_64", thin(minimum_os=None), "it says no minimum macOS"),
        ("macosx_11_0_arm64", thin("aarch64", None, platforms=("iOS",)), "it is for iOS"),
    ],
)
def test_a_file_that_contradicts_its_tag(tag: str, file: MachOFile, reason: str):
    assert against(tag, file) == f"pkg/bin/codex is not {tag}: {reason}"


def test_only_the_slices_that_the_tag_asks_for_count():
    file = MachOFile((part("x86_64", (10, 12, 0)), part("aarch64", (14, 0, 0))))
    assert against("macosx_10_12_x86_64", file) == ""
    assert "it needs macOS 14.0, and the tag promises 11.0" in against("macosx_11_0_arm64", file)
    assert "it needs macOS 14.0, and the tag promises 10.12" in against("macosx_10_12_universal2", file)
    assert truest({"bin/codex": file}) == ("macosx_14_0_universal2",)


def test_on_arm_no_macos_is_older_than_11():
    file = MachOFile((part("x86_64", (10, 12, 0)), part("aarch64", (11, 0, 0))))
    assert against("macosx_10_12_universal2", file) == ""
    assert truest({"bin/codex": thin("aarch64", (10, 12, 0))}) == ("macosx_11_0_arm64",)


@pytest.mark.parametrize(
    ("dylib", "search_paths", "shipped"),
    [
        ("/usr/lib/libSystem.B.dylib", (), ()),
        ("/System/Library/Frameworks/Security.framework/Security", (), ()),
        ("@rpath/libswiftCore.dylib", ("/usr/lib/swift",), ()),
        ("@rpath/libown.dylib", ("@loader_path/../lib",), ("pkg/lib/libown.dylib",)),
        ("@loader_path/libown.dylib", (), ("pkg/bin/libown.dylib",)),
    ],
)
def test_a_library_that_is_there(dylib: str, search_paths: tuple[str, ...], shipped: tuple[str, ...]):
    assert against("macosx_11_0_x86_64", thin(dylibs=(dylib,), search_paths=search_paths), *shipped) == ""


@pytest.mark.parametrize("dylib", ["/opt/homebrew/lib/libssl.3.dylib", "@rpath/libown.dylib", "libown.dylib"])
def test_a_library_that_is_not_there(dylib: str):
    expected = f"it needs {dylib}, which macOS has not and the wheel does not hold"
    assert expected in against("macosx_11_0_x86_64", thin(dylibs=(dylib,), search_paths=("@loader_path",)))


VERSIONS = st.tuples(st.integers(10, 27), st.integers(0, 16), st.integers(0, 3))


@given(minimum_os=VERSIONS, machine=st.sampled_from(["x86_64", "aarch64"]))
def test_no_lower_tag_than_the_truest_is_true(minimum_os: tuple[int, int, int], machine: str):
    file = thin(machine, minimum_os)
    name = {"x86_64": "x86_64", "aarch64": "arm64"}[machine]
    first = 11 if name == "arm64" else 10  # lower ones match no Mac with that processor
    possible = [
        f"macosx_{major}_{minor}_{name}" for major in range(first, 30) for minor in range(99 if major == 10 else 1)
    ]
    true = [tag for tag in possible if is_platform_tag(tag) and not against(tag, file)]
    assert list(truest({"bin/codex": file})) == true[:1]
