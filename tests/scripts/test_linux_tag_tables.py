"""What Linux systems have, row by row: loaders, libraries, and the GCC that came with each glibc."""

import pytest

from sdk_artifacts.binaries.facts import ElfFile
from sdk_artifacts.tags import contradictions, truest
from sdk_artifacts.tags.linux import host, promised_libc

X86_64 = "/lib64/ld-linux-x86-64.so.2"


def against(tag: str, file: ElfFile) -> str:
    return "\n".join(contradictions(tag, "bin/codex", file, shipped={"bin/codex"}))


@pytest.mark.parametrize(
    ("machine", "glibc", "musl", "oldest"),
    [
        ("x86_64", X86_64, "/lib/ld-musl-x86_64.so.1", 5),
        ("i686", "/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1", 5),
        ("aarch64", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", 17),
        ("armv7l", "/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1", 17),
        ("ppc64le", "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1", 17),
        ("s390x", "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1", 17),
        ("riscv64", "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1", 17),
    ],
)
def test_each_machine_has_its_loaders_and_its_oldest_glibc(machine: str, glibc: str, musl: str, oldest: int):
    on_glibc = ElfFile(machine, glibc, ("libc.so.6", glibc.rpartition("/")[2]))
    on_musl = ElfFile(machine, musl, ("libc.so",))
    assert f"manylinux_2_{oldest}_{machine}" in truest({"bin/codex": on_glibc})
    assert f"manylinux_2_{oldest - 1}_{machine}" not in truest({"bin/codex": on_glibc})
    assert truest({"bin/codex": on_musl}) == (f"musllinux_1_2_{machine}",)
    elsewhere = ElfFile(machine, "/opt/ld-linux.so.2", ("libc.so.6",))
    assert f"and systems have {glibc}" in against(f"manylinux_2_17_{machine}", elsewhere)


@pytest.mark.parametrize(
    ("tag", "file", "reason"),
    [
        ("manylinux_2_17_x86_64", ElfFile("x86_64", None, ("libc.so",)), "it needs musl, which a glibc system has not"),
        (
            "musllinux_1_2_x86_64",
            ElfFile("x86_64", None, ("libc.so.6",)),
            "it needs glibc, which a musl system has not",
        ),
    ],
)
def test_the_wrong_libc_is_the_only_reason_that_is_told(tag: str, file: ElfFile, reason: str):
    assert against(tag, file) == f"bin/codex is not {tag}: {reason}"


def test_a_static_file_runs_wherever_its_machine_does():
    tags = truest({"bin/codex": ElfFile("x86_64", None, ())})
    assert tags == ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "musllinux_1_1_x86_64")


@pytest.mark.parametrize(
    "name",
    [
        *("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libanl.so.1"),
        *("libresolv.so.2", "libnsl.so.1", "libmvec.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libatomic.so.1"),
        *("libz.so.1", "libexpat.so.1", "libglib-2.0.so.0", "libgobject-2.0.so.0", "libgthread-2.0.so.0"),
        *("libX11.so.6", "libXext.so.6", "libXrender.so.1", "libICE.so.6", "libSM.so.6", "libGL.so.1"),
    ],
)
def test_every_manylinux_system_has_this_library(name: str):
    assert against("manylinux_2_17_x86_64", ElfFile("x86_64", X86_64, ("libc.so.6", name))) == ""


@pytest.mark.parametrize(
    ("glibc", "newest", "first_too_new"),
    [
        (5, "GLIBCXX_3.4.8 CXXABI_1.3.1 GCC_4.2.0", "GLIBCXX_3.4.9 CXXABI_1.3.2 GCC_4.2.1"),
        (12, "GLIBCXX_3.4.13 CXXABI_1.3.3 GCC_4.3.0", "GLIBCXX_3.4.14 CXXABI_1.3.4 GCC_4.3.1"),
        (17, "GLIBCXX_3.4.19 CXXABI_1.3.7 GCC_4.8.0", "GLIBCXX_3.4.20 CXXABI_1.3.8 GCC_4.8.1"),
        (24, "GLIBCXX_3.4.22 CXXABI_1.3.10 GCC_4.8.0", "GLIBCXX_3.4.23 CXXABI_1.3.11 GCC_4.8.1"),
        (26, "GLIBCXX_3.4.24 CXXABI_1.3.11 GCC_7.0.0", "GLIBCXX_3.4.25 CXXABI_1.3.12 GCC_7.0.1"),
        (31, "GLIBCXX_3.4.28 CXXABI_1.3.12 GCC_7.0.0", "GLIBCXX_3.4.29 CXXABI_1.3.13 GCC_7.0.1"),
        (34, "GLIBCXX_3.4.29 CXXABI_1.3.13 GCC_11.0", "GLIBCXX_3.4.30 CXXABI_1.3.14 GCC_11.1"),
        (35, "GLIBCXX_3.4.30 CXXABI_1.3.13 GCC_12.0.0", "GLIBCXX_3.4.31 CXXABI_1.3.14 GCC_12.0.1"),
        (39, "GLIBCXX_3.4.33 CXXABI_1.3.15 GCC_14.0.0", "GLIBCXX_3.4.34 CXXABI_1.3.16 GCC_14.0.1"),
    ],
)
def test_with_each_glibc_came_a_gcc(glibc: int, newest: str, first_too_new: str):
    tag = f"manylinux_2_{glibc}_x86_64"
    for version in newest.split():
        assert against(tag, ElfFile("x86_64", X86_64, ("libc.so.6",), versions=(version,))) == ""
    for version in first_too_new.split():
        reason = f"it needs {version}, newer than GCC's libraries on systems with glibc 2.{glibc}"
        assert reason in against(tag, ElfFile("x86_64", X86_64, ("libc.so.6",), versions=(version,)))


@pytest.mark.parametrize(
    ("tag", "promised"),
    [
        ("manylinux1_i686", ("glibc", (2, 5), "i686")),
        ("manylinux2010_x86_64", ("glibc", (2, 12), "x86_64")),
        ("manylinux2014_aarch64", ("glibc", (2, 17), "aarch64")),
        ("manylinux_2_28_x86_64", ("glibc", (2, 28), "x86_64")),
        ("musllinux_1_2_armv7l", ("musl", (1, 2), "armv7l")),
        ("linux_x86_64", None),
        ("win_amd64", None),
    ],
)
def test_a_tag_promises_a_libc_and_a_machine(tag: str, promised: tuple[str, tuple[int, ...], str] | None):
    assert promised_libc(tag) == promised


@pytest.mark.parametrize(
    ("libc", "version", "machine", "tags"),
    [
        ("musl", (1, 2), "x86_64", "musllinux_1_2_x86_64 musllinux_1_1_x86_64 musllinux_1_0_x86_64"),
        ("glibc", (2, 6), "x86_64", "manylinux_2_6_x86_64 manylinux_2_5_x86_64 manylinux1_x86_64"),
        ("glibc", (2, 18), "aarch64", "manylinux_2_18_aarch64 manylinux_2_17_aarch64 manylinux2014_aarch64"),
        ("glibc", (2, 18), "mips", "manylinux_2_18_mips manylinux_2_17_mips manylinux2014_mips"),
    ],
)
def test_an_installer_takes_the_tags_of_its_host_the_newest_first(
    libc: str, version: tuple[int, ...], machine: str, tags: str
):
    assert host(libc, version, machine) == tuple(tags.split())
