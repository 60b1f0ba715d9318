"""What a platform tag promises: the platforms that it is for, and the oldest version of each. Pure."""

from collections.abc import Mapping

from ..binaries.facts import Version
from . import linux, macos

ANY = "any platform"

_FIRST_ON_ARM: Version = (11, 0)  # whatever a tag says, nothing older runs on this machine


def promises(tag: str) -> Mapping[str, Version]:
    """The platforms by name (`glibc x86_64`, `macOS arm64`), each with the oldest that will do; () where none is named.

    A tag that nobody here knows is a platform of its own.
    """
    if on_linux := linux.promised_libc(tag):
        libc, version, machine = on_linux
        return {f"{libc} {machine}": version}
    if on_macos := macos.promised(tag):
        least, machine = on_macos
        machines = ("arm64", "x86_64") if machine == "universal2" else (machine,)
        return {f"macOS {each}": max(least, _FIRST_ON_ARM) if each == "arm64" else least for each in machines}
    if tag.startswith("win"):
        return {f"Windows {tag.removeprefix('win').removeprefix('_')}": ()}
    return {ANY if tag == "any" else tag: ()}
