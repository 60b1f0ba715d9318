"""The hosts that a platform tag promises: what installers on them ask for, in their order. Pure."""

from collections.abc import Collection, Mapping

from packaging.tags import mac_platforms

from . import linux, macos

Host = tuple[str, ...]
"""The platform tags that an installer on the host takes, the best first."""

_FAR_MINOR = 99  # of a libc that nobody has yet


def hosts(tags: Collection[str]) -> Mapping[str, Host]:
    """By a name for people: for each of `tags` the least host that it promises, and the newest host of that kind."""
    found = {}
    for tag in sorted(tags):
        for name, newest in ((f"the least host of {tag}", False), (f"a new host of the kind of {tag}", True)):
            found[name] = host(tag, newest=newest)
    return found


def host(tag: str, *, newest: bool = False) -> Host:
    """The tags of the least host that `tag` promises, or of the newest host of that kind."""
    if on_linux := linux.promised_libc(tag):
        libc, version, machine = on_linux
        return linux.host(libc, (version[0], _FAR_MINOR) if newest else version, machine)
    if on_macos := macos.promised(tag):
        least, machine = on_macos
        return tuple(mac_platforms((macos.MAJORS[-1], 0) if newest else least, machine))
    return (tag,)
