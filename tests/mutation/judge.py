"""Whether the tests see a fault: they run in a fork of this process, on the faulty module in place of the real one."""

import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Literal

import pytest

from mutation.changes import Change

Outcome = Literal["killed", "survived", "timed out"]
_POLL_SECONDS = 0.02
_MEMORY_BYTES = 6 << 30
_OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile", "mutation"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # hypothesis is loaded before pytest is
)


class Faulty(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, made of other code."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 - as Python calls it
        """The faulty module's."""
        if fullname != self._name:
            return None
        packages = [str(self._path.parent)] if self._path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=self, submodule_search_locations=packages
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the other code."""
        exec(self._code, vars(module))


def judge(name: str, path: Path, change: Change, tests: Sequence[str], seconds: float) -> Outcome:
    """Run `tests` on the fault; what takes longer than `seconds` hangs."""
    child = os.fork()
    if child == 0:
        _be_judged(name, path, change, tests)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if status == 0 else "killed"
        time.sleep(_POLL_SECONDS)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timed out"


def run(tests: Sequence[str]) -> int:
    """Run `tests` here; pytest's exit status."""
    return int(pytest.main([*_OPTIONS, *tests]))


def _be_judged(name: str, path: Path, change: Change, tests: Sequence[str]) -> None:
    """In the child: end with status 0 only when every test passes."""
    import resource

    status = 1
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        silence = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silence, descriptor)
        sys.meta_path.insert(0, Faulty(name, path, compile(change.tree, str(path), "exec")))
        status = run(tests)
    finally:
        os._exit(1 if status else 0)
