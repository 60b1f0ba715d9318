"""The generated files against the real, pinned runtime: fresh, repeatable, and `--check` says what is stale."""

import shutil
from pathlib import Path

import pytest

from sdk_artifacts import paths
from sdk_artifacts.commands.fetch import host_runtime
from sdk_artifacts.commands.generate_types import generate_types, print_schema
from sdk_artifacts.errors import CheckFailed, UsageProblem
from sdk_artifacts.lock import load_lock
from sdk_artifacts.reporting import Silent

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def runtime():
    """The locked executable of this host, and no other."""
    return host_runtime(load_lock(), registry=None, offline=False, reporter=Silent())


@pytest.fixture
def copy(tmp_path):
    """The generated package, to be spoilt."""
    return Path(shutil.copytree(paths.GENERATED_TYPES, tmp_path / "generated"))


def generate(runtime, *, check, into):
    return generate_types(check=check, runtime=runtime, lock=load_lock(), reporter=Silent(), destination=into)


def test_what_is_committed_is_fresh(runtime):
    assert generate(runtime, check=True, into=None) == []


def test_the_files_are_made_again_byte_for_byte(runtime, tmp_path):
    written = generate(runtime, check=False, into=tmp_path)
    assert sorted(path.name for path in written) == ["__init__.py", "methods.py", "v2_all.py", "v2_all.pyi"]
    for path in written:
        assert path.read_bytes() == (paths.GENERATED_TYPES / path.name).read_bytes()


def test_check_names_what_is_stale_and_the_command_that_mends_it(runtime, copy):
    methods = copy / "methods.py"
    methods.write_text(methods.read_text().replace("THREAD_START =", "THREAD_BEGIN ="))
    (copy / "v2_all.pyi").unlink()
    with pytest.raises(CheckFailed) as caught:
        generate(runtime, check=True, into=copy)
    assert "methods.py: 1 lines more, 1 lines less" in caught.value.message
    assert "+THREAD_START = Method(" in caught.value.message
    assert "v2_all.pyi: " in caught.value.message
    assert "v2_all.py:" not in caught.value.message
    assert caught.value.fix == "Run: python scripts/update_sdk_artifacts.py generate-types"
    assert not (copy / "v2_all.pyi").exists()


def test_only_stale_files_are_written(runtime, copy):
    (copy / "methods.py").write_text("")
    before = (copy / "v2_all.py").stat().st_mtime_ns
    assert [path.name for path in generate(runtime, check=False, into=copy)] == ["methods.py"]
    assert (copy / "v2_all.py").stat().st_mtime_ns == before
    assert generate(runtime, check=True, into=copy) == []


def test_another_runtime_than_the_pinned_one_is_refused(runtime, copy):
    other = load_lock()
    other = type(other)(schema=other.schema, version="0.0.1", targets=other.targets)
    with pytest.raises(UsageProblem, match=r"is not the pinned 0\.0\.1"):
        generate_types(check=True, runtime=runtime, lock=other, reporter=Silent(), destination=copy)


def test_a_runtime_that_prints_no_schema_is_a_failed_check(tmp_path):
    program = tmp_path / "codex"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(CheckFailed, match="exit status 3: broken"):
        print_schema(program, experimental=False)
    program.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(CheckFailed, match="gave no schema"):
        print_schema(program, experimental=False)
