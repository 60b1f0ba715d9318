import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_artifacts.binaries.facts import ElfFile
from sdk_artifacts.tags import contradictions, truest, why_none

LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"


def glibc(
    *versions: str, needed: tuple[str, ...] = (), interpreter: str | None = LOADER, machine: str = "x86_64", **more
):
    return ElfFile(machine, interpreter, ("libc.so.6", *needed), versions=versions, **more)


def against(tag: str, file: ElfFile, *shipped: str, path: str = "pkg/bin/codex") -> str:
    return "\n".join(contradictions(tag, path, file, shipped={path, *shipped}))


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("manylinux1_x86_64", "GLIBC_2.5"),
        ("manylinux2010_x86_64", "GLIBC_2.12"),
        ("manylinux2014_x86_64", "GLIBC_2.17"),
        ("manylinux_2_9_x86_64", "GLIBC_2.3.4"),
        ("manylinux_2_36_x86_64", "GLIBC_ABI_DT_RELR"),
        ("manylinux_2_17_x86_64", "GLIBCXX_3.4.19"),
        ("manylinux_2_17_x86_64", "GCC_3.0"),
        ("manylinux_2_17_x86_64", "CXXABI_FLOAT128"),
    ],
)
def test_a_version_that_the_tag_promises(tag: str, version: str):
    assert against(tag, glibc(version)) == ""


@pytest.mark.parametrize(
    ("tag", "version", "reason"),
    [
        ("manylinux1_x86_64", "GLIBC_2.6", "it needs glibc 2.6, and the tag promises 2.5"),
        ("manylinux2014_x86_64", "GLIBC_2.18", "it needs glibc 2.18, and the tag promises 2.17"),
        ("manylinux_2_9_x86_64", "GLIBC_2.10", "it needs glibc 2.10, and the tag promises 2.9"),
        ("manylinux_2_45_x86_64", "GLIBC_PRIVATE", "it needs GLIBC_PRIVATE"),
        ("manylinux_2_35_x86_64", "GLIBC_ABI_DT_RELR", "it needs GLIBC_ABI_DT_RELR, which glibc 2.35 need not have"),
        ("manylinux_2_17_x86_64", "GLIBCXX_3.4.20", "newer than GCC's libraries on systems with glibc 2.17"),
        (
            "manylinux_2_45_x86_64",
            "GLIBC_2.99999999999",
            "it needs GLIBC_2.99999999999, which glibc 2.45 need not have",
        ),
        ("manylinux_2_99_x86_64", "GLIBCXX_3.4.99", "it needs GLIBCXX_3.4.99"),
    ],
)
def test_a_version_that_the_tag_does_not_promise(tag: str, version: str, reason: str):
    assert reason in against(tag, glibc("GLIBC_2.2.5", version))


def test_musl_and_glibc_exclude_each_other():
    musl = ElfFile("x86_64", MUSL_LOADER, ("libc.so",))
    both = ElfFile("x86_64", MUSL_LOADER, ("libc.so.6",))
    assert "needs musl, which a glibc system has not" in against("manylinux_2_17_x86_64", musl)
    assert "needs glibc, which a musl system has not" in against("musllinux_1_2_x86_64", glibc())
    assert "needs musl" in against("manylinux_2_17_x86_64", both)
    assert "needs glibc" in against("musllinux_1_2_x86_64", both)
    assert truest({"bin/codex": both}) == ()


@pytest.mark.parametrize("name", ["libc.so", "libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1"])
def test_musl_is_known_by_any_of_its_names(name: str):
    assert ElfFile("x86_64", None, (name,)).libc == "musl"


def test_a_loader_at_a_path_that_no_other_system_has():
    nix = glibc(interpreter="/nix/store/0123-glibc-2.40/lib/ld-linux-x86-64.so.2")
    assert f"and systems have {LOADER}" in against("manylinux_2_17_x86_64", nix)
    assert f"and systems have {MUSL_LOADER}" in against(
        "musllinux_1_2_x86_64", ElfFile("x86_64", "/opt/ld-musl-x86_64.so.1")
    )


def test_a_library_that_no_tag_promises_must_be_in_the_wheel():
    file = glibc(needed=("libssl.so.3",), search_paths=("$ORIGIN/../lib",))
    expected = "it needs libssl.so.3, which the tag does not promise and the wheel does not hold"
    assert expected in against("manylinux_2_17_x86_64", file)
    assert against("manylinux_2_17_x86_64", file, "pkg/lib/libssl.so.3") == ""


@pytest.mark.parametrize("search_paths", [(), ("/usr/local/lib",), ("$ORIGIN",), ("$ORIGIN/../other",)])
def test_an_executable_must_look_where_its_library_lies(search_paths: tuple[str, ...]):
    file = glibc(needed=("libssl.so.3",), search_paths=search_paths)
    expected = "it needs libssl.so.3, which lies in pkg/lib/, where it does not look"
    assert expected in against("manylinux_2_17_x86_64", file, "pkg/lib/libssl.so.3")


@pytest.mark.parametrize("origin", ["$ORIGIN", "${ORIGIN}", "$ORIGIN/", "$ORIGIN/../bin"])
def test_every_spelling_of_the_files_own_directory(origin: str):
    file = glibc(needed=("libssl.so.3",), search_paths=(origin,))
    assert against("manylinux_2_17_x86_64", file, "pkg/bin/libssl.so.3") == ""


def test_the_own_directory_may_be_the_wheels_root():
    file = glibc(needed=("libssl.so.3",), search_paths=("$ORIGIN",))
    assert against("manylinux_2_17_x86_64", file, "libssl.so.3", path="codex") == ""


def test_for_a_shared_object_its_loader_may_know_the_place():
    plugin = glibc(needed=("libssl.so.3",), interpreter=None)
    assert against("manylinux_2_17_x86_64", plugin, "pkg/anywhere/libssl.so.3", path="pkg/plugins/a.so") == ""


def test_musl_systems_promise_no_library_but_musl():
    file = ElfFile("x86_64", MUSL_LOADER, ("libc.so", "libgcc_s.so.1"))
    assert "it needs libgcc_s.so.1" in against("musllinux_1_2_x86_64", file)
    assert truest({"bin/codex": file}) == ()


@pytest.mark.parametrize(
    ("versions", "machine", "expected"),
    [
        (("GLIBC_2.2.5",), "x86_64", ("manylinux1_x86_64", "manylinux_2_5_x86_64")),
        (("GLIBC_2.12",), "x86_64", ("manylinux2010_x86_64", "manylinux_2_12_x86_64")),
        (("GLIBC_2.17", "GLIBC_2.18"), "x86_64", ("manylinux_2_18_x86_64",)),
        (("GLIBC_2.3.4",), "i686", ("manylinux1_i686", "manylinux_2_5_i686")),
        (("GLIBC_2.17", "GLIBCXX_3.4.29"), "x86_64", ("manylinux_2_34_x86_64",)),
        (("GLIBC_ABI_DT_RELR",), "x86_64", ("manylinux_2_36_x86_64",)),
        (("GLIBC_PRIVATE",), "x86_64", ()),
        (("GLIBC_2.9999",), "x86_64", ()),  # no index takes that
    ],
)
def test_the_truest_glibc_tags(versions: tuple[str, ...], machine: str, expected: tuple[str, ...]):
    assert truest({"lib/a.so": glibc(*versions, interpreter=None, machine=machine)}) == expected


@given(needed=st.integers(0, 60), promised=st.integers(5, 60))
def test_a_tag_is_true_exactly_from_the_needed_glibc_on(needed: int, promised: int):
    found = against(f"manylinux_2_{promised}_x86_64", glibc(f"GLIBC_2.{needed}"))
    assert bool(found) == (needed > promised)


def test_a_plain_linux_tag_promises_the_machine_alone():
    assert against("linux_x86_64", glibc("GLIBC_2.40", needed=("libssl.so.3",))) == ""
    assert "it is for x86_64" in against("linux_aarch64", glibc())


def test_a_version_that_no_system_has_is_the_reason_for_no_tag():
    files = {"bin/codex": glibc("GLIBC_2.17", "GLIBCXX_3.4.99")}
    assert truest(files) == ()
    assert "it needs GLIBCXX_3.4.99, newer than GCC's libraries" in "\n".join(why_none(files))
