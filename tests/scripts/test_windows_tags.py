import pytest

from sdk_artifacts.binaries.facts import PeFile
from sdk_artifacts.tags import contradictions


def against(file: PeFile, *shipped: str, path: str = "pkg/bin/codex.exe") -> str:
    return "\n".join(contradictions("win_amd64", path, file, shipped={path, *shipped}))


def program(*imports: str) -> PeFile:
    return PeFile("x86_64", is_dll=False, imports=imports)


def library(*imports: str) -> PeFile:
    return PeFile("x86_64", is_dll=True, imports=imports)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "kernel32.dll",
            "api-ms-win-crt-heap-l1-1-0.dll",
            "ucrtbase.dll",
            "msvcrt.dll",
            "msvcp_win.dll",
            "msvcp60.dll",
        ),
        *("mfc42.dll", "vcruntime140_clr0400.dll", "atl.dll", "msvcp110_win.dll"),
    ],
)
def test_windows_has_it(name: str):
    assert against(program(name)) == ""


@pytest.mark.parametrize(
    "name",
    [
        *("vcruntime140.dll", "vcruntime140_1.dll", "vcruntime140d.dll", "msvcp140.dll", "msvcp140_atomic_wait.dll"),
        *("concrt140.dll", "msvcr120.dll", "mfc140u.dll", "vcomp140.dll", "ucrtbased.dll", "atl110.dll"),
        *("libgcc_s_seh-1.dll", "libstdc++-6.dll", "libwinpthread-1.dll", "libomp140.x86_64.dll", "cygwin1.dll"),
    ],
)
def test_windows_has_it_not(name: str):
    assert against(program(name)) == (
        f"pkg/bin/codex.exe is not win_amd64: it needs {name}, which Windows has not and the wheel does not hold"
    )


def test_beside_an_executable_in_any_case_of_letters_it_is_found():
    assert against(program("vcruntime140.dll", "own.dll"), "pkg/bin/VCRUNTIME140.dll", "pkg/bin/own.dll") == ""


@pytest.mark.parametrize("name", ["vcruntime140.dll", "own.dll"])
def test_elsewhere_in_the_wheel_an_executable_does_not_find_it(name: str):
    assert f"it needs {name}, which lies in pkg/other/, where Windows does not look" in against(
        program(name), f"pkg/other/{name}"
    )


def test_a_name_that_nobody_knows_proves_nothing():
    assert against(program("own.dll")) == ""


def test_for_a_dll_the_whole_wheel_counts_as_its_loader_decides():
    assert against(library("msvcp140.dll"), "pkg.libs/msvcp140.dll", path="pkg/plugin.dll") == ""
    assert "it needs msvcp140.dll" in against(library("msvcp140.dll"), path="pkg/plugin.dll")


def test_python_brings_its_own_runtime_to_its_extension_modules():
    assert against(library("vcruntime140.dll", "vcruntime140_1.dll"), path="pkg/_native.pyd") == ""
    assert against(library("vcruntime140.dll"), "pkg/_native.pyd", path="pkg.libs/own.dll") == ""
    assert "it needs vcruntime140.dll" in against(library("vcruntime140.dll"), path="pkg/own.dll")
    assert "it needs msvcp140.dll" in against(library("msvcp140.dll"), path="pkg/_native.pyd")
    assert "it needs vcruntime140.dll" in against(program("vcruntime140.dll"), "pkg/_native.pyd")
    assert "it needs vcruntime140.dll" in against(library("vcruntime140.dll"), "pkg/notpyd")
    own_and_missing = program("own.dll", "msvcp140.dll")
    assert "it needs msvcp140.dll" in against(own_and_missing, "pkg/bin/own.dll")
