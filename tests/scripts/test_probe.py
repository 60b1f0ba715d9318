"""An executable is asked for its version, where it can be, and is not believed when it fails."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from sdk_artifacts.errors import PayloadRefused
from sdk_artifacts.payload import probe
from sdk_artifacts.payload.probe import ask_version
from sdk_artifacts.targets import host_target, known_targets


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_real_executable_answers(natives: Mapping[str, Path]) -> None:
    answer = ask_version(natives["codex_host"], host_target())
    assert answer.version is not None
    assert (answer.version.upstream, answer.unasked) == ("1.2.3", "")


def test_what_it_says_on_stderr_is_not_its_version(tmp_path: Path) -> None:
    answer = ask_version(script(tmp_path / "codex", "echo WARNING 9 >&2; echo codex-cli 1.2.3-alpha.4"), host_target())
    assert answer.version is not None
    assert answer.version.pep440 == "1.2.3a4"


@pytest.fixture
def typed_input() -> Iterator[None]:
    """A line that waits on this process's standard input."""
    previous, (reading, writing) = os.dup(0), os.pipe()
    os.write(writing, b"line\n")
    os.dup2(reading, 0)
    yield
    os.dup2(previous, 0)
    for descriptor in (previous, reading, writing):
        os.close(descriptor)


@pytest.mark.usefixtures("typed_input")
def test_it_sees_an_empty_home_and_no_input(tmp_path: Path) -> None:
    executable = script(
        tmp_path / "codex",
        'read line && exit 5\n[ "$HOME" = "$CODEX_HOME" ] || exit 6\n[ -z "$(ls -A "$HOME")" ] || exit 7\necho 1.2.3',
    )
    assert ask_version(executable, host_target()).version is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo broken >&2; exit 3", "exit status 3: broken"),
        ("kill -SEGV $$", "exit status -11"),
        ("echo hello", "prints 'hello', no version"),
        ("true", "prints '', no version"),
    ],
)
def test_one_that_runs_and_fails_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(PayloadRefused, match=reason):
        ask_version(script(tmp_path / "codex", text), host_target())


def test_one_that_hangs_is_refused_though_its_child_lives_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "TIMEOUT_SECONDS", 0.3)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    executable = script(tmp_path / "codex", f"( cat < {fifo} ) &\nwait")
    with pytest.raises(PayloadRefused, match=r"did not end within 0\.3 s"):
        ask_version(executable, host_target())
    fifo.write_text("")  # opening it for writing needs the reader that lives on, and ends it


def test_one_that_cannot_start_here_is_not_asked(tmp_path: Path) -> None:
    executable = script(tmp_path / "codex", "echo 1.2.3")
    executable.chmod(0o644)
    answer = ask_version(executable, host_target())
    assert (answer.version, answer.unasked) == (None, "it cannot be started here: Permission denied")


def test_one_of_another_platform_is_not_asked_but_through_its_emulator(
    natives: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = next(target for target in known_targets().values() if target.os != host_target().os)
    assert foreign.triple in ask_version(natives[foreign.triple], foreign).unasked
    script(tmp_path / "emulate", 'echo "codex-cli 4.5.6"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    emulated = msgspec.structs.replace(foreign, emulator="emulate")
    answer = ask_version(natives[foreign.triple], emulated)
    assert answer.version is not None
    assert answer.version.upstream == "4.5.6"
    assert (
        "nor has absent-emulator"
        in ask_version(natives[foreign.triple], msgspec.structs.replace(foreign, emulator="absent-emulator")).unasked
    )
