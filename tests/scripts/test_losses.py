"""What counts as a loss, and when the changelog tells it."""

import pytest

from sdk_artifacts.losses import is_noted, losses, newest_section
from sdk_artifacts.portraits import Portrait
from sdk_artifacts.tags.promises import promises


def wheel(*tags, project="a", untrue=(), python=">=3.10"):
    return Portrait(
        name=f"{project}-1-py3-none-{'.'.join(tags)}.whl",
        project=project,
        version="1",
        size=1,
        sha256="",
        tags=tags,
        untrue=dict(untrue),
        members={},
        fields={"requires-python": (python,)},
    )


def lost(old, new, changelog=""):
    return [(loss.platform, loss.old, loss.new) for loss in losses(old, new, changelog=changelog)]


@pytest.mark.parametrize(
    ("tag", "platforms"),
    [
        ("manylinux2014_x86_64", {"glibc x86_64": (2, 17)}),
        ("manylinux_2_28_aarch64", {"glibc aarch64": (2, 28)}),
        ("musllinux_1_2_x86_64", {"musl x86_64": (1, 2)}),
        ("macosx_10_12_universal2", {"macOS arm64": (11, 0), "macOS x86_64": (10, 12)}),
        ("win_amd64", {"Windows amd64": ()}),
        ("win32", {"Windows 32": ()}),
        ("any", {"any platform": ()}),
        ("plan9_mips", {"plan9_mips": ()}),
    ],
)
def test_a_tag_promises_platforms(tag, platforms):
    assert promises(tag) == platforms


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("manylinux_2_17_x86_64", "manylinux_2_28_x86_64", [("glibc x86_64", "2.17", "2.28")]),
        ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", []),
        ("musllinux_1_1_x86_64", "musllinux_1_2_x86_64", [("musl x86_64", "1.1", "1.2")]),
        ("macosx_11_0_arm64", "macosx_14_0_arm64", [("macOS arm64", "11.0", "14.0")]),
        ("macosx_10_12_universal2", "macosx_11_0_arm64", [("macOS x86_64", "10.12", None)]),
        ("win_amd64", "win_arm64", [("Windows amd64", "", None)]),
        ("any", "win_amd64", [("any platform", "", None)]),
        ("win_amd64", "any", []),
    ],
)
def test_a_raised_floor_and_a_lost_platform_are_losses(old, new, expected):
    assert lost([wheel(old)], [wheel(new)]) == expected


def test_the_widest_wheel_of_a_project_counts():
    both = [wheel("manylinux_2_28_x86_64"), wheel("manylinux_2_17_x86_64", "musllinux_1_1_x86_64")]
    assert lost(both, both[1:]) == []
    assert lost(both, both[:1]) == [("glibc x86_64", "2.17", "2.28"), ("musl x86_64", "1.1", None)]


def test_a_tag_that_is_not_true_keeps_no_platform():
    tag = "musllinux_1_1_x86_64"
    (found,) = losses([wheel(tag)], [wheel(tag, untrue={tag: "it needs glibc"})], changelog="")
    assert (found.platform, found.new, found.why) == ("musl x86_64", None, "it needs glibc")


def test_a_project_that_is_gone_is_a_loss_and_a_new_one_is_none():
    assert lost([wheel("any"), wheel("any", project="b")], [wheel("any"), wheel("any", project="c")]) == [
        ("any platform", "", None)
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">=3.10", ">=3.11", [("Python", "3.10", "3.11")]),
        (">=3.10", ">=3.9", []),
        (">=3.10", "", []),
        (">=3.10", "?", []),
    ],
)
def test_a_newer_python_is_a_loss(old, new, expected):
    assert lost([wheel("any", python=old)], [wheel("any", python=new)]) == expected


def test_two_wheels_are_held_against_each_other_whatever_they_are():
    assert lost([wheel("any")], [wheel("win32", project="b")]) == [("any platform", "", None)]


CHANGELOG = """# Changelog

Words on macOS arm64 and 14.0.

## Unreleased

### Changed

- macOS ARM64 takes macOS
  14.0 now.
- glibc x86_64: nothing new. We like 2.28.1 and 12.28.

## 1.0

- musl x86_64 is dropped, glibc x86_64 takes 2.28.
"""


@pytest.mark.parametrize(
    ("old", "new", "noted"),
    [
        ("macosx_11_0_arm64", "macosx_14_0_arm64", True),
        ("macosx_11_0_arm64", "macosx_15_0_arm64", False),
        ("macosx_11_0_arm64", "win32", False),  # `dropped` is not said
        ("manylinux_2_17_x86_64", "manylinux_2_28_x86_64", False),  # in an older section only
        ("musllinux_1_1_x86_64", "win32", False),
    ],
)
def test_the_newest_section_tells_of_a_loss(old, new, noted):
    (loss,) = losses([wheel(old)], [wheel(new)], changelog=CHANGELOG)
    assert loss.noted is noted


def test_platform_and_floor_must_stand_in_one_item():
    (loss,) = losses([wheel("macosx_11_0_arm64")], [wheel("macosx_14_0_arm64")], changelog="")
    assert not is_noted(loss, "## x\n\n- macOS arm64\n- 14.0\n")
    assert not is_noted(loss, "## x\n\n- macOS arm64\n\n14.0\n")
    assert is_noted(loss, "## x\n\n* `macOS arm64`: `14.0`\n")
    assert is_noted(loss, "## x\n\n- macOS arm64: 14.0.")


def test_a_changelog_without_sections_tells_nothing():
    assert newest_section("# Changelog\n") == ""
    assert newest_section("## 1\na\n## 2\n") == "## 1\na\n"
