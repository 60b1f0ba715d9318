"""The programs in the SDK's README run as they stand there, on the real server."""

import os
import re
import subprocess
import sys

import pytest

from sdk_artifacts.paths import REPOSITORY

pytestmark = pytest.mark.real

README = (REPOSITORY / "sdk-python" / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"(?ms)^```python\n(.*?)^```$", README)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_readme_runs(runtime, home, model, program):
    env = {name: value for name, value in ({**os.environ, **home.env}).items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=home.work,
        env={**env, "CODEX_BIN": str(runtime)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert model.requests
