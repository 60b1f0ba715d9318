"""Both packages, installed once from their released wheels, and a home whose settings name a model on loopback."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from e2e.conftest import release_dist, say, spacious, version  # noqa: F401 - the release is made once for all
from sdk_artifacts.loopback_model import loopback_model
from sdk_artifacts.released import RECORD_NAME
from sdk_artifacts.releases import Release
from sdk_artifacts.versions import RuntimeVersion
from worlds.cached import Say, made_once

from .places import ANSWER, MOUNTS, Installation, pip


@pytest.fixture(scope="session")
def links(release_dist: Path, version: RuntimeVersion, say: Say) -> list[str]:  # noqa: F811 - the fixtures from above
    """pip's options to install the release, and what it needs of others."""
    release = msgspec.json.decode((release_dist / RECORD_NAME).read_bytes(), type=Release)
    needed = [text for text in release.sdk[0].requires if not ("extra ==" in text or text.startswith("codex-cli-bin"))]

    def make(place: Path) -> None:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*download, "--only-binary", ":all:", "--dest", place, *needed], check=True)

    of_others = made_once("sdk-needs", (sys.executable, needed), make, say=say)
    found = [f"--find-links={release_dist}", f"--find-links={of_others}"]
    return ["--no-index", "--no-cache-dir", *found, f"codex-app-server-sdk=={version.pep440}"]


@pytest.fixture(scope="session")
def environment(links: list[str]) -> Iterator[Path]:
    """A virtual environment with both packages; not for a test to change."""
    with tempfile.TemporaryDirectory(prefix="codex-hostile-") as directory:
        made = Path(directory, "environment")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
        pip(made / "bin/python", *links)
        yield made


@pytest.fixture(scope="module")
def settings() -> Iterator[str]:
    """The text of a config.toml for as long as its model answers."""
    with loopback_model(ANSWER) as model:
        yield model.settings


@pytest.fixture
def home(tmp_path: Path, settings: str) -> Path:
    """A user's home with these settings."""
    home = tmp_path / "home"
    (home / ".codex").mkdir(parents=True)
    (home / ".codex/config.toml").write_text(settings)
    return home


@pytest.fixture
def at_home(home: Path) -> Mapping[str, str]:
    """The variables of a user who has nothing but this home."""
    return {"HOME": str(home)}


@pytest.fixture
def installation(environment: Path, at_home: Mapping[str, str]) -> Installation:
    return Installation(environment / "bin/python", at_home)


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skips where no mount can be made for one program alone."""
    if not shutil.which("unshare") or subprocess.run([*MOUNTS, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount can be made for a program alone: it takes util-linux and user namespaces")
