"""Files of Debian packages: chosen by an apt with a state of its own, unpacked, not configured; no need of root."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .unavailable import Unavailable

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_APT_TIMEOUT_SECONDS = 240
_NEVER_READ = ("./usr/share/doc", "./usr/share/man", "./usr/share/info", "./usr/share/locale", "./usr/share/lintian")


@contextmanager
def downloaded(packages: Sequence[str], *, suite: str, architecture: str) -> Iterator[list[Path]]:
    """The archives of `packages` and of all that they need, vouched for by Debian's signature; gone afterwards.

    Raises:
        Unavailable: no apt, no Debian mirror, no such suite or package, or no network.
    """
    with tempfile.TemporaryDirectory(prefix="apt-") as directory:
        apt = _private_apt(Path(directory), suite, architecture)
        _run([*apt, "update", "--error-on=any"], f"Debian {suite} cannot be read")
        _run([*apt, "install", "--yes", "--download-only", *packages], f"{' '.join(packages)} of {suite} cannot be had")
        yield sorted(Path(directory, "archives").glob("*.deb"))


def unpack(archives: Sequence[Path], root: Path, *, without: Sequence[str] = ()) -> None:
    """Unpack the files of `archives` below `root`, except documentation and what matches the patterns `without`."""
    root.mkdir(exist_ok=True)
    excluded = [f"--exclude={pattern}" for pattern in (*_NEVER_READ, *without)]
    tar = ["tar", "--extract", f"--directory={root}", "--keep-directory-symlink", "--no-same-owner", *excluded]
    for archive in archives:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as reader:
            unpacked = subprocess.run(tar, stdin=reader.stdout, capture_output=True, check=False)
        if reader.returncode or unpacked.returncode:
            said = unpacked.stderr.decode(errors="replace").strip()
            raise Unavailable(
                f"{archive.name} cannot be unpacked: {said[-500:]}", fix="Make room on the disk, then run again."
            )


def unpack_debian(packages: Sequence[str], root: Path, *, suite: str, architecture: str) -> None:
    """Download `packages` with all that they need, and unpack them below `root`.

    Raises:
        Unavailable: as `downloaded` and `unpack`.
    """
    with downloaded(packages, suite=suite, architecture=architecture) as archives:
        unpack(archives, root)


def _private_apt(state: Path, suite: str, architecture: str) -> list[str]:
    """An apt that knows one suite, for one architecture, and keeps everything of its own in `state`."""
    for directory in ("lists/partial", "archives/partial", "preferences.d"):
        (state / directory).mkdir(parents=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n", encoding="utf-8")
    options = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state,
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferences": "-",
        "Dir::Etc::preferencesparts": state / "preferences.d",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
    }
    return ["apt-get", "--quiet", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]


def _mirror() -> str:
    """The Debian mirror that this machine's own apt is set up for."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("this machine has no apt", fix="Run the tests on Debian, or in a container of it.")
    if not KEYRING.exists():
        raise Unavailable(f"{KEYRING} does not exist", fix="apt-get install debian-archive-keyring")
    wanted = ["Created-By: Packages", "Origin: Debian", "Label: Debian"]
    listed = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted], "apt knows no mirror")
    if not listed.split():
        raise Unavailable("apt has no list of a Debian mirror", fix="apt-get update (as root), with a Debian source")
    return listed.split()[0]


def _run(command: Sequence[str], problem: str) -> str:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_APT_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"{problem}: no answer in {_APT_TIMEOUT_SECONDS} s", fix="Check the network, then run again."
        ) from None
    if done.returncode:
        said = " ".join(line for line in done.stderr.splitlines() if line.startswith(("E:", "Err")))
        raise Unavailable(f"{problem}: {said or done.stderr.strip()[-500:]}", fix="Check the network, then run again.")
    return done.stdout
