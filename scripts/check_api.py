"""Compare the SDK's public names with those of the last release; status 1 when one is gone or takes other arguments.

    python scripts/check_api.py [repository]

The last release is the newest tag `v*` that the current commit descends from. Needs griffe, which reads sources and
imports nothing.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, SOURCES = "codex_app_server", "sdk-python/src"
TAGS = "v*"


def main(arguments: list[str]) -> int:
    """Compare, and tell; the exit status."""
    repository = Path(arguments[0]) if arguments else ROOT
    tag = last_release(repository)
    if tag is None:
        why = "; this clone is shallow, `git fetch --unshallow --tags` completes it" if is_shallow(repository) else ""
        print(f"api: NOT COMPARED: no tag {TAGS} leads to this commit{why}")
        return 0
    print(f"api: comparing {PACKAGE} with {tag}", flush=True)
    check = ["griffe", "check", PACKAGE, "--search", SOURCES, "--against", tag, "--verbose"]
    status = subprocess.run([sys.executable, "-m", *check], cwd=repository, check=False).returncode
    if status:
        print(f"api: the lines above break programs that work with {tag}; take them back, or say so in CHANGELOG.md")
    return 1 if status else 0


def last_release(repository: Path) -> str | None:
    """The newest release's tag before the current commit, None when there is none."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match", TAGS]
    told = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def is_shallow(repository: Path) -> bool:
    """Whether a part of the history is missing."""
    command = ["git", "rev-parse", "--is-shallow-repository"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False).stdout == "true\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
