"""`build`: staged directories become wheels, each through its own PEP 517 backend, as with any other frontend."""

import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from build import BuildBackendException, BuildException, FailedProcessError, ProjectBuilder, check_dependency
from build.env import DefaultIsolatedEnv

from ..errors import ToolkitError, UsageProblem
from ..files import atomic_directory
from ..reporting import Advance, Reporter

_TAIL_LINES = 20
_WAKE_SECONDS = 0.5
_Process = subprocess.Popen[str]
Kind = Literal["wheel", "sdist"]


class BuildFailed(ToolkitError):
    """A backend failed; the message ends with what it said last."""


@dataclass(frozen=True, slots=True)
class Built:
    """A distribution that was built, and the seconds that took."""

    path: Path
    seconds: float


def build(
    directories: Sequence[Path],
    *,
    out: Path,
    compression: str = "fast",
    cache: Path | None = None,
    jobs: int = 1,
    kind: Kind = "wheel",
    reporter: Reporter,
) -> list[Built]:
    """Build the wheel, or the source distribution, of each directory into `out`, where it appears whole or not at all.

    Every directory gets its turn, even when another one fails.

    Args:
        out: a directory, made if need be.
        compression: `fast` or `small`, for backends that know the setting.
        cache: a directory where the backend keeps deflated files for the next wheel that holds the same.
        jobs: builds at once; each takes up to half a GiB of memory.
        kind: of distribution; not every project has an `sdist`.

    Raises:
        UsageProblem: a directory holds nothing that can be built.
        BuildFailed: a backend failed; errors of further directories are noted.
    """
    backends = _Backends()
    settings = {"compression": compression} | ({} if cache is None else {"cache": str(cache.absolute())})

    def work(directory: Path) -> Built:
        with reporter.task(f"build {directory.name}") as advance:
            return _build(directory.absolute(), out, kind, settings, _Run(backends, advance))

    with ThreadPoolExecutor(jobs, thread_name_prefix="build") as pool:
        running = [pool.submit(work, directory) for directory in directories]
        try:
            wait(running)
        except BaseException:  # an interruption: nothing but it comes out of `wait`
            pool.shutdown(wait=False, cancel_futures=True)
            backends.stop()  # their threads then end at once, and clear what they had begun
            raise
    return _outcomes(running, reporter)


def _outcomes(finished: Sequence[Future[Built]], reporter: Reporter) -> list[Built]:
    errors = [error for future in finished if (error := future.exception()) is not None]
    for error in errors[1:]:
        reporter.note(str(error))
    if errors:
        raise errors[0]
    return [future.result() for future in finished]


def _build(directory: Path, out: Path, kind: Kind, settings: Mapping[str, str], run: "_Run") -> Built:
    started = time.monotonic()
    # One name per directory, so that the next build of it also clears what a killed one left.
    box = out / f".{directory.name}-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:8]}"
    with atomic_directory(box) as scratch:
        run.temporary = scratch.absolute()  # the backend runs elsewhere
        try:
            name = _run_backend(directory, scratch, kind, settings, run)
        except BuildException as error:
            raise UsageProblem(f"{directory} cannot be built: {error}", fix="Stage it with stage-runtime.") from None
        except (BuildBackendException, FailedProcessError) as error:
            raise BuildFailed(f"{directory} could not be built: {error}\n{_tail(run.output)}".rstrip()) from None
        except subprocess.CalledProcessError as error:  # of pip, while it fills an isolated environment
            reason = _tail(error.stderr.decode(errors="backslashreplace"))
            raise BuildFailed(
                f"{directory} could not be built: pip cannot install what it requires\n{reason}"
            ) from None
    place = out / name
    (box / name).replace(place)
    shutil.rmtree(box)
    return Built(place, time.monotonic() - started)


def _run_backend(directory: Path, into: Path, kind: Kind, settings: Mapping[str, str], run: "_Run") -> str:
    """Build in this environment where it has exactly what the directory asks for, else in an isolated one."""
    builder = ProjectBuilder(directory, runner=run)
    if not any(unmet for need in builder.build_system_requires for unmet in check_dependency(need)):
        return Path(builder.build(kind, into, settings)).name
    with DefaultIsolatedEnv() as environment:
        builder = ProjectBuilder.from_isolated_env(environment, directory, runner=run)
        environment.install(builder.build_system_requires)
        environment.install(builder.get_requires_for_build(kind, settings))
        return Path(builder.build(kind, into, settings)).name


class _Backends:
    """The backend processes that run now; once stopped, no further one starts."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def start(self, command: Sequence[str], directory: str | None, environment: Mapping[str, str]) -> _Process:
        """Start one.

        Raises:
            CalledProcessError: they were stopped.
        """
        with self._guard:
            if self._stopped:
                raise subprocess.CalledProcessError(1, command, "")
            process = subprocess.Popen(
                command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="backslashreplace",
            )
            self._running.add(process)
        return process

    def ended(self, process: _Process) -> None:
        """Forget one."""
        with self._guard:
            self._running.remove(process)

    def stop(self) -> None:
        """Kill them all."""
        with self._guard:
            self._stopped = True
            for process in self._running:
                process.kill()


class _Run:
    """Runs the backend of one directory for the `build` library, and keeps what it says.

    Attributes:
        temporary: where the backend puts what it needs for a moment, so that nothing stays behind.
    """

    def __init__(self, backends: _Backends, advance: Advance) -> None:
        self._backends = backends
        self._advance = advance
        self.temporary = Path()
        self.output = ""

    def __call__(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temporary))
        process = self._backends.start(cmd, cwd, {**os.environ, **temporary, **(extra_environ or {})})
        try:
            self.output += self._wait(process)
        finally:
            self._backends.ended(process)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, cmd)

    def _wait(self, process: _Process) -> str:
        """The whole output. An interruption of the command reaches this thread through `advance`, and the process."""
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.communicate(timeout=_WAKE_SECONDS)[0]
                self._advance(0)
        except BaseException:  # whatever ends the waiting must not leave the process behind
            process.kill()
            process.communicate()
            raise


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-_TAIL_LINES:])
