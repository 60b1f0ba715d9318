"""Set this repository up and run one of its tasks; needs Python 3.11 or later and nothing else.

    python3 scripts/dev.py release [--target host] [...]   the wheels of every target, proven, in dist/
    python3 scripts/dev.py test [pytest options]           the whole test suite
    python3 scripts/dev.py lint                            ruff, types, the workflows, the public API
    python3 scripts/dev.py docs                            the documentation, as a site in site/
    python3 scripts/dev.py types                           mypy and pyright
    python3 scripts/dev.py bench [name ...]                the benchmarks, as ratios (--quick, --check)
    python3 scripts/dev.py soak [--minutes N]              turns on the real server while much goes wrong: does it hold?
    python3 scripts/dev.py fuzz [--minutes N] [subject ...]
                                                           hostile bytes for every reader; finds go to tests/data/corpus
    python3 scripts/dev.py mutate [module ...]             which fault would no test see?
    python3 scripts/dev.py coverage                        lines and branches; fails where 100 % is promised
    python3 scripts/dev.py toolkit COMMAND [...]           any command of the toolkit
    python3 scripts/dev.py setup                           only the set-up

The set-up makes `.venv` with the toolkit, the SDK and their development dependencies. It is done anew only when what
it depends on has changed, so a second run starts at once.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "dev.stamp"
WHOLE = (  # each line and each branch of these is run by some test
    *(f"*/codex_app_server/_{name}.py" for name in ("protocol", "session", "turns", "mailbox", "requests", "asked")),
    *(f"*/codex_app_server/_{name}.py" for name in ("window", "known_turns", "subscriptions", "sequel", "catching_up")),
    *(f"*/codex_app_server/_{name}.py" for name in ("wire", "typed", "lenient", "strays")),
    *("*/sdk_artifacts/tags/*", "*/sdk_artifacts/lock.py", "*/sdk_artifacts/index/*"),
)
WORKFLOWS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(".github/workflows/*.yml"))

TASKS = {
    "release": [["scripts/update_sdk_artifacts.py", "release"]],
    "test": [["-m", "pytest"]],
    "lint": [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-m", "pyright"],
        ["zizmor", "--offline", "--pedantic", "--strict-collection", "--quiet", ".github"],
        ["-m", "check_jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"],
        ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS],
        ["scripts/check_api.py", "."],
    ],
    "docs": [["-m", "mkdocs", "build", "--strict"]],
    "types": [["-m", "mypy"], ["-m", "pyright"]],
    "bench": [["-m", "benchmarks"]],
    "soak": [["tests/soak_program.py"]],
    "fuzz": [["tests/fuzz/long_run.py"]],
    "mutate": [["tests/mutation/run.py"]],
    "coverage": [
        ["-m", "coverage", "run", "-m", "pytest", "tests/sdk", "tests/scripts"],
        ["-m", "coverage", "report", "--skip-covered"],
        ["-m", "coverage", "report", "--show-missing", "--fail-under", "100", "--include", ",".join(WHOLE)],
    ],
    "toolkit": [["scripts/update_sdk_artifacts.py"]],
    "setup": [],
}


def main(arguments: list[str]) -> int:
    """Run the task that the first argument names; the others go to its (last) command. Returns the exit status."""
    if not arguments or arguments[0] not in TASKS:
        is_asked_for = arguments[:1] in (["-h"], ["--help"])
        print(__doc__)
        if arguments and not is_asked_for:
            print(f"dev: {arguments[0]!r} is no task; those above are", file=sys.stderr)
        return 0 if is_asked_for else 2
    if sys.version_info < (3, 11):
        print(f"dev: Python 3.11 or later is needed, this is {sys.version.split()[0]}: run it with a newer python3")
        return 2
    task, *options = arguments
    try:
        set_up()
        commands = TASKS[task]
        for command in commands:
            extra = options if command is commands[-1] else []
            words = [*program(command), *extra]
            print(f"dev: {' '.join([Path(words[0]).stem, *words[1:]])}", file=sys.stderr, flush=True)
            status = subprocess.run(words, cwd=ROOT, check=False).returncode
            if status:
                return status if status > 0 else 128 - status
    except subprocess.CalledProcessError as error:
        print(
            f"dev: the set-up failed (exit status {error.returncode}); the lines above say why. Run it again to go on."
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def program(command: list[str]) -> list[str]:
    """The words that run a command of TASKS: most are for Python, one that is neither option nor file is a program."""
    name, *others = command
    if name.startswith("-") or name.endswith(".py"):
        return [str(PYTHON), *command]
    return [str(PYTHON.with_name(f"{name}{PYTHON.suffix}")), *others]


def set_up() -> None:
    """Make `.venv` as the project files ask for it, unless it already is."""
    state = wanted_state()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == state and PYTHON.exists():
        return
    print(f"dev: making {ENVIRONMENT.name} for Python {sys.version.split()[0]} (once)", flush=True)
    STAMP.unlink(missing_ok=True)
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        print("dev: this Python cannot make environments with pip. On Debian and Ubuntu: apt install python3-venv")
        raise
    print("dev: installing the toolkit, the SDK and the development dependencies", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    projects = ["--editable", ".[dev,deep]", "--editable", "sdk-python"]
    subprocess.run([*pip, *quiet, "--constraint", "constraints.txt", *projects], cwd=ROOT, check=True)
    STAMP.write_text(state, encoding="utf-8")


def wanted_state() -> str:
    """What the environment depends on, as one digest."""
    digest = hashlib.sha256(f"{sys.version} {sys.base_prefix} {ROOT}".encode())
    for name in ("pyproject.toml", "constraints.txt", "sdk-python/pyproject.toml", "scripts/dev.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
