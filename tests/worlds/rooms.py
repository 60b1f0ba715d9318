"""A room: commands run inside a root, in namespaces of their own. No mount, process or file outlives the command."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .unavailable import Unavailable

Done = subprocess.CompletedProcess[str]

# What the command writes into its root goes to a tmpfs over it; what it is to keep goes to a directory bound at /mnt.
_ENTER = """
set -eu
stage=$1 lower=$2 binfmt=$3 interpreter=$4; shift 4
mount -t tmpfs tmpfs "$stage"
mkdir "$stage/upper" "$stage/work" "$stage/top"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$stage/upper,workdir=$stage/work,userxattr" "$stage/top"
cd "$stage/top"
mkdir -p proc dev mnt tmp
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
while [ "$1" != -- ]; do mkdir "mnt/$1"; mount --bind "$2" "mnt/$1"; shift 2; done; shift
if [ -n "$binfmt" ]; then
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    printf '%s' ":room:M::$binfmt:$interpreter:FC" > /proc/sys/fs/binfmt_misc/register
fi
exec chroot . "$@"
"""
_NAMESPACES = ("--user", "--map-root-user", "--mount", "--pid", "--ipc", "--uts", "--net", "--fork", "--kill-child")


@dataclass(frozen=True, slots=True)
class Emulator:
    """A user-mode emulator, and whose executables it runs: `magic` and `mask` as binfmt_misc reads them."""

    program: Path
    magic: str
    mask: str


@dataclass(frozen=True, slots=True)
class Room:
    """A root directory that commands run in, as root of their own user namespace and without a network.

    Attributes:
        loader: the words that start a command's program, when the kernel cannot do it.
        environment: variables on top of PATH, HOME and LANG; nothing else of this process's is seen.
    """

    root: Path
    emulator: Emulator | None = None
    loader: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        command: Sequence[str],
        *,
        binds: Mapping[str, Path] | None = None,
        stdin: str = "",
        timeout_seconds: float = 120,
        hears_us: bool = False,
    ) -> Done:
        """Run `command`; a directory of `binds` is seen as /mnt/<its name>, and what is written there stays.

        Args:
            hears_us: whether it shares this machine's network, and so reaches our servers on loopback.
        """
        bound = [word for name, path in (binds or {}).items() for word in (name, str(path))]
        emulator = self.emulator
        handler = [f"{emulator.magic}:{emulator.mask}", str(emulator.program)] if emulator else ["", ""]
        basic = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
        }
        with tempfile.TemporaryDirectory(prefix="room-") as stage:
            return subprocess.run(
                [
                    "unshare",
                    *(word for word in _NAMESPACES if word != "--net" or not hears_us),
                    "sh",
                    "-c",
                    _ENTER,
                    "room",
                    stage,
                    self.root,
                    *handler,
                    *bound,
                    "--",
                    *self.loader,
                    *command,
                ],
                env=basic | dict(self.environment),
                input=stdin,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout_seconds,
                check=False,
            )

    def opened(self, command: Sequence[str]) -> "Room":
        """This room, once `command` was seen to run in it.

        Raises:
            Unavailable: it does not: this kernel or this user's rights are not enough.
        """
        if not shutil.which("unshare"):
            raise Unavailable("there is no `unshare` here", fix="apt-get install util-linux")
        done = self.run(command)
        if done.returncode:
            rights = "as root" if os.geteuid() == 0 else "without being root"
            raise Unavailable(
                f"no command can be run in {self.root} {rights}: {done.stderr.strip()[-500:]}",
                fix="It takes user namespaces, overlayfs in them and, for an emulator, Linux 6.7 or later.",
            )
        return self
