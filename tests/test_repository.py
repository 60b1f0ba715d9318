"""Rules of the house that hold for the whole repository, over the files that git knows or would add."""

import re
import subprocess
from pathlib import Path

import pytest
import tomllib

from sdk_artifacts import lock, targets

ROOT = Path(__file__).parent.parent


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path):
    return path.read_bytes().decode("utf-8", errors="replace")


def offenders(pattern, *, skip=()):
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(tuple(skip)):
            found += [f"{name}: {match[0]}" for match in re.finditer(pattern, text_of(path))]
    return found


def test_the_runtime_version_stands_in_the_lock_alone():
    version = lock.load_lock().runtime_version
    spelled = "|".join(re.escape(text) for text in {version.upstream, version.pep440})
    # The generated types name the runtime that they came from; a test of theirs holds that equal to the lock.
    allowed = (
        "platforms/runtime.lock",
        "sdk-python/src/codex_app_server/generated/",
        "tests/data/",
        "benchmarks/README",
        "benchmarks/history.jsonl",  # what `report --record` keeps of each release
        "benchmarks/figures.json",  # what was measured on what
        "docs/benchmarks.md",
    )
    assert offenders(rf"(?<![\d.])(?:{spelled})(?![\d.])", skip=allowed) == []


def test_no_platform_tag_stands_outside_the_platform_files():
    tags = {tag for target in targets.known_targets().values() for wheel in target.wheels for tag in wheel.tags}
    # tags/ is where a fact about a native file becomes a tag.
    places = (
        "platforms/",
        "tests/",
        "docs/",
        "README.md",
        "CHANGELOG.md",
        "benchmarks/README.md",
        "scripts/sdk_artifacts/tags/",
    )
    assert offenders("|".join(sorted(tags)), skip=places) == []


def test_no_package_registry_is_named():
    hosts = (
        "py" + r"pi\.org",
        "python" + r"hosted\.org",
        "npm" + r"js\.(?:org|com)",
        "deb" + r"ian\.org",
        "registry\\.yarn",
    )
    assert offenders("|".join(hosts)) == []


def test_no_binary_and_no_large_file_is_tracked():
    magics = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
    natives = [path.name for path in tracked() if path.read_bytes()[:4].startswith(magics)]
    assert natives == []
    assert [path.name for path in tracked() if path.stat().st_size > 2 * 2**20] == []


@pytest.mark.parametrize("package", ["sdk-python-runtime", "sdk-python"])
def test_the_build_tools_are_pinned_alike_for_toolkit_and_packages(package):
    toolkit = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["dependencies"]
    requires = tomllib.loads(text_of(ROOT / package / "pyproject.toml"))["build-system"]["requires"]
    assert {pin for pin in toolkit if "==" in pin} == set(requires)


@pytest.mark.parametrize("command", ["lint", "test"])
def test_ci_runs_what_a_developer_runs(command):
    assert f"python3 scripts/dev.py {command}\n" in text_of(ROOT / ".ci" / "run")


def test_budgets_hold():
    """Modules stay small enough to read in one sitting; generated code is not read."""
    limits = {"tests": 300}
    long = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and "/generated/" not in name:
            lines = text_of(path).count("\n")
            limit = 400 if path.name in {"client.py", "async_client.py"} else limits.get(name.partition("/")[0], 250)
            if lines > limit:
                long.append(f"{name}: {lines} lines, {limit} at most")
    assert long == []
