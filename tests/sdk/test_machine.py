import os

import pytest

from codex_app_server._machine import why_not_here

ELF_X86_64 = b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\x00" + bytes(44)
ELF_AARCH64 = b"\x7fELF\x02\x01\x01" + bytes(11) + b"\xb7\x00" + bytes(44)
ELF_S390X = b"\x7fELF\x02\x02\x01" + bytes(11) + b"\x00\x16" + bytes(44)
MACHO_X86_64 = b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(24)
MACHO_AARCH64 = b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01" + bytes(24)
PE_X86_64 = b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86" + bytes(20)
PE_AARCH64 = b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\xaa" + bytes(20)


@pytest.mark.parametrize(
    ("head", "system", "machine"),
    [
        (ELF_X86_64, "Linux", "x86_64"),
        (ELF_AARCH64, "Linux", "aarch64"),
        (MACHO_AARCH64, "macOS", "aarch64"),
        (MACHO_X86_64, "macOS", "x86_64"),
        (MACHO_X86_64, "macOS", "aarch64"),  # Rosetta
        (PE_X86_64, "Windows", "x86_64"),
        (PE_X86_64, "Windows", "aarch64"),
        (PE_AARCH64, "Windows", "aarch64"),
        (b"#!/bin/sh\n", "Linux", "x86_64"),
        (ELF_S390X, "Linux", "s390x"),  # not one of those whose numbers are known here
    ],
)
def test_a_program_for_this_machine_may_run(head, system, machine):
    assert why_not_here(head, system=system, machine=machine) is None


@pytest.mark.parametrize(
    ("head", "system", "machine", "reason"),
    [
        (ELF_AARCH64, "Linux", "x86_64", "it is a program for aarch64, and this machine is x86_64"),
        (ELF_X86_64, "Linux", "aarch64", "it is a program for x86_64, and this machine is aarch64"),
        (ELF_X86_64, "macOS", "x86_64", "it is a program for Linux, and this is macOS"),
        (ELF_S390X, "Linux", "x86_64", "it is a program for ELF machine 22, and this machine is x86_64"),
        (MACHO_AARCH64, "macOS", "x86_64", "it is a program for aarch64, and this machine is x86_64"),
        (PE_AARCH64, "Windows", "x86_64", "it is a program for aarch64, and this machine is x86_64"),
        (b"#!/bin/sh\n", "Windows", "x86_64", "it is a script, which Windows does not run"),
        (b"", "Linux", "x86_64", "it is no program"),
        (b"\x7fELF", "Linux", "x86_64", "it is no program"),
        (b"MZ", "Windows", "x86_64", "it is no program"),
    ],
)
def test_a_program_for_another_machine_may_not(head, system, machine, reason):
    assert why_not_here(head, system=system, machine=machine) == reason


@pytest.mark.skipif(os.name != "nt", reason="Windows tells of its machine in the environment")
@pytest.mark.parametrize("variable", ["PROCESSOR_ARCHITECTURE", "PROCESSOR_ARCHITEW6432"])
def test_windows_tells_of_the_real_machine(monkeypatch, variable):
    monkeypatch.setenv("PROCESSOR_ARCHITECTURE", "x86")
    monkeypatch.setenv(variable, "AMD64")
    assert why_not_here(PE_X86_64) is None
