"""`diff`: what differs between wheels, directories and versions on an index."""

import json

import pytest

from index_server import running_index
from publishing import sdk_wheel, stub_release
from sdk_artifacts import cli
from sdk_artifacts.commands.diff import diff
from sdk_artifacts.errors import CheckFailed, UsageProblem
from sdk_artifacts.reporting import Silent
from wheel_builder import DIST_INFO, PACKAGE, VERSION, foreign_wheel, runtime_wheel

X86_64, AARCH64 = "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"
MACOS, WINDOWS = "aarch64-apple-darwin", "x86_64-pc-windows-msvc"


@pytest.fixture
def sides(tmp_path):
    """Two empty directories and a changelog that says nothing."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    return tmp_path


@pytest.fixture
def compare(sides):
    """Hold `new` against `old`, or what is named."""

    def compare(old=None, new=None, index=None):
        given = (str(old or sides / "old"), str(new or sides / "new"))
        return diff(*given, index=index, changelog=sides / "CHANGELOG.md", reporter=Silent())

    return compare


def draft(natives, triple=X86_64, *, native=None, **more):
    return runtime_wheel(triple, natives[native or triple].read_bytes(), **more)


def changes(found):
    """The names of the files that changed, but those of the metadata, with their signs."""
    (wheel,) = found.wheels
    signs = {
        change.name: "-+~"[0 if change.new is None else 1 if change.old is None else 2] for change in wheel.members
    }
    return {name: sign for name, sign in signs.items() if not name.startswith("*.dist-info/")}


def test_the_same_wheel_is_the_same(sides, compare, natives):
    for side in ("old", "new"):
        draft(natives).write(sides / side)
    found = compare()
    (wheel,) = found.wheels
    assert wheel.identical
    assert wheel.platforms == ("glibc x86_64", "musl x86_64")
    assert (wheel.members, wheel.fields, found.losses, found.passed) == ((), (), (), True)


def test_files_come_go_and_change(sides, compare, natives):
    old, new = draft(natives), draft(natives)
    old.put(f"{PACKAGE}/gone", b"1")
    new.put(f"{PACKAGE}/come", b"22")
    new.put(f"{PACKAGE}/__init__.py", b"pass\n")
    old.write(sides / "old")
    new.write(sides / "new")
    found = compare()
    assert changes(found) == {
        f"{PACKAGE}/gone": "-",
        f"{PACKAGE}/come": "+",
        f"{PACKAGE}/__init__.py": "~",
    }
    assert found.wheels[0].new_size != found.wheels[0].old_size


def test_the_version_in_a_directorys_name_is_no_difference(sides, compare):
    for side, version in (("old", "1.2.3"), ("new", "1.2.4")):
        sdk_wheel(sides / side, "codex-cli-bin==1", version)
    (wheel,) = compare().wheels
    assert [change.name for change in wheel.members] == ["*.dist-info/METADATA"]
    assert [(field.name, field.removed, field.added) for field in wheel.fields] == [("version", ("1.2.3",), ("1.2.4",))]


def test_what_native_files_need_and_their_signatures_are_told(sides, compare, natives):
    draft(natives, MACOS).write(sides / "old")
    draft(natives, MACOS, files={"codex-path/rg": natives["macos_12_3_arm64"].read_bytes()}).write(sides / "new")
    (wheel,) = compare().wheels
    (rg,) = (change for change in wheel.members if change.name.endswith("/rg"))
    assert (rg.old.needs, rg.new.needs) == ("macOS 11.0.0 on aarch64", "macOS 12.3.0 on aarch64")
    assert rg.old.signature == "ad hoc"


@pytest.mark.parametrize(
    ("native", "told"),
    [
        ("static_x86_64", ("static on x86_64", "")),
        ("glibc_2_28_aarch64", ("glibc 2.28 on aarch64", "")),
        ("musl_x86_64", ("musl on x86_64", "")),
        ("macos_universal2", ("macOS 10.12.0 on x86_64, macOS 11.0.0 on aarch64", "unsigned, ad hoc")),
        ("windows_x86", ("Windows on i686", "unsigned")),
    ],
)
def test_each_kind_of_native_file_has_its_words(sides, compare, natives, native, told):
    foreign_wheel("py3-none-any", {}).write(sides / "old")
    foreign_wheel("py3-none-any", {"other/program": natives[native].read_bytes()}).write(sides / "new")
    (change,) = (change for change in compare().wheels[0].members if change.name == "other/program")
    assert (change.new.needs, change.new.signature) == told


def test_licenses_and_requirements_are_told(sides, compare, natives):
    old, new = draft(natives), draft(natives)
    new.replace(f"{DIST_INFO}/METADATA", "License-File", "Requires-Dist: other>=2\nLicense-File")
    new.replace(f"{DIST_INFO}/METADATA", "License-Expression: ", "License-Expression: Zlib AND ")
    old.write(sides / "old")
    new.write(sides / "new")
    found = {field.name: field for field in compare().wheels[0].fields}
    assert found["requires-dist"].added == ("other>=2",) * len(found["requires-dist"].added)
    assert found["license-expression"].added[0].startswith("Zlib AND ")


def test_wheels_of_the_same_platforms_belong_together(sides, compare, natives):
    for side in ("old", "new"):
        draft(natives, X86_64).write(sides / side)
        draft(natives, WINDOWS).write(sides / side)
    draft(natives, AARCH64, wheel="glibc").write(sides / "old")
    draft(natives, AARCH64, wheel="any-libc").write(sides / "old")
    draft(natives, AARCH64, wheel="any-libc").write(sides / "new")
    pairs = {wheel.platforms: (bool(wheel.old), bool(wheel.new)) for wheel in compare().wheels}
    assert pairs == {
        ("Windows amd64",): (True, True),
        ("glibc x86_64", "musl x86_64"): (True, True),
        ("glibc aarch64", "musl aarch64"): (True, True),
        ("glibc aarch64",): (True, False),
    }


def test_a_wheel_that_cannot_be_read_is_named(sides, compare, natives):
    path = draft(natives).write(sides / "old")
    (sides / "new" / path.name).write_bytes(path.read_bytes()[:-30])
    with pytest.raises(CheckFailed, match=path.name):
        compare()


@pytest.mark.parametrize(("old", "problem"), [("absent", "does not exist"), ("", "no wheel")])
def test_nothing_to_compare_is_told(sides, compare, old, problem):
    with pytest.raises(UsageProblem, match=problem):
        compare(old=sides / "old" / old)


def test_versions_on_an_index_are_compared(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CODEX_ARTIFACTS_CACHE", str(tmp_path / "cache"))
    dist = stub_release(tmp_path / "dist")
    with running_index(tmp_path / "index") as index:
        for path in dist.glob("*.whl"):
            index.add(path.name, path.read_bytes())
        given = ["diff", VERSION, str(dist), "--index-url", index.simple, "--json"]
        assert cli.main(given) == 0
        found = json.loads(capsys.readouterr().out)
        assert len(found["wheels"]) == len(list(dist.glob("*.whl")))
        assert all(wheel["identical"] for wheel in found["wheels"])
        downloads = [name for what, name in index.log if what == "download"]
        assert sorted(downloads) == sorted(path.name for path in dist.glob("*.whl"))
        cli.main(given)
        assert len([name for what, name in index.log if what == "download"]) == len(downloads)


def test_the_command_says_it_and_ends_with_1(sides, natives, capsys):
    draft(natives, X86_64).write(sides / "old")
    draft(natives, AARCH64, wheel="any-libc").write(sides / "old")
    draft(natives, X86_64).write(sides / "new")
    changelog = sides / "CHANGELOG.md"
    given = ["diff", str(sides / "old"), str(sides / "new"), "--changelog", str(changelog), "-q"]
    assert cli.main(given) == 1
    told = capsys.readouterr().out
    assert "GONE: codex-cli-bin: musl aarch64 1.1; not noted" in told
    changelog.write_text("## 2\n\n- The wheels for glibc aarch64 and\n  musl aarch64 are dropped.\n")
    assert cli.main(given) == 0
    assert "noted in CHANGELOG.md" in capsys.readouterr().out


def test_a_code_block_is_not_ended_by_what_is_in_it(sides, natives, capsys):
    draft(natives).write(sides / "old")
    new = draft(natives)
    new.put(f"{PACKAGE}/`````\u202e", b"@everyone")
    new.write(sides / "new")
    cli.main(["diff", str(sides / "old"), str(sides / "new"), "--fenced", "-q"])
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("``````text", "``````")
