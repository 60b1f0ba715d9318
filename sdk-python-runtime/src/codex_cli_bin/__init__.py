"""The `codex` executable as a Python package: where it is.

Paths are `str`, the form that `subprocess` and `os` take: importing `pathlib` would cost more than all of the lookup,
which is a few stat calls and imports nothing but `os` and `sys`. `Path(bundled_codex_path())` serves who wants one.

Whatever keeps the executable from running is a `RuntimeUnavailable`, which says the cause and the fix.
"""
# No pathlib here, see above:
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH120, PTH123

import os
import sys

__all__ = [
    "PACKAGE_NAME",
    "RUNTIME_VERSION",
    "RuntimeUnavailable",
    "bundled_codex_path",
    "bundled_package_dir",
    "bundled_path_dir",
]

PACKAGE_NAME = "codex-cli-bin"
RUNTIME_VERSION: str  # PEP 440; read from the manifest when first asked for

_EXECUTABLE = os.path.join("bin", "codex.exe" if os.name == "nt" else "codex")


class RuntimeUnavailable(RuntimeError):
    """The bundled executable cannot be run.

    Attributes:
        cause: one word for it, such as `not-executable`; `python -m codex_cli_bin --doctor` uses the same.
        message: what is wrong, and with which file.
        fix: the command or the sentence that helps.
    """

    def __init__(self, cause: str, message: str, fix: str) -> None:
        super().__init__(cause, message, fix)
        self.cause = cause
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.cause}: {self.message}; fix: {self.fix}"


def bundled_codex_path() -> str:
    """The absolute path of the executable.

    Raises:
        RuntimeUnavailable: it is not there, or may not be executed.
    """
    path = os.path.join(bundled_package_dir(), _EXECUTABLE)
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        raise _unavailable()
    return path


def bundled_package_dir() -> str:
    """The directory of the payload; the executable finds its helpers in it by itself.

    Raises:
        RuntimeUnavailable: there is no payload.
    """
    directory = _directory()
    if not os.path.isfile(os.path.join(directory, "manifest.json")):
        raise _unavailable()
    return directory


def bundled_path_dir() -> str | None:
    """The directory of tools that belongs first on the executable's PATH; None when this wheel ships none.

    Raises:
        RuntimeUnavailable: there is no payload.
    """
    path = os.path.join(bundled_package_dir(), "codex-path")
    return path if os.path.isdir(path) else None


def _directory() -> str:
    # Links stay as they are: messages shall show the name that the user knows.
    if "__file__" in globals():
        return os.path.dirname(os.path.abspath(__file__))
    return os.path.join(
        os.path.dirname(sys.executable), __name__
    )  # frozen: data lies beside the application, if at all


def _unavailable() -> RuntimeUnavailable:
    from ._doctor import cause  # noqa: PLC0415 - nobody pays for the doctor who does not need one

    return cause()


def __getattr__(name: str) -> str:
    if name != "RUNTIME_VERSION":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import json  # noqa: PLC0415 - the lookup does without

    try:
        with open(os.path.join(bundled_package_dir(), "manifest.json"), encoding="utf-8") as file:
            version = str(json.load(file)["version"])
    except (OSError, ValueError, KeyError, TypeError):
        raise _unavailable() from None
    globals()[name] = version
    return version
