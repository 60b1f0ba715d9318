"""Which wheel an installer takes on each host that the targets promise: exactly one, everywhere. Pure."""

from collections.abc import Iterable, Sequence

from ..tags.hosts import Host, hosts
from ..targets import Target
from ..wheels.name import FileName


def resolution_problems(targets: Iterable[Target], names: Sequence[str]) -> list[str]:
    """Every host of `targets` on which not exactly one of the wheels `names` is the best, one sentence each."""
    wheels = {name: parts for name in names if (parts := FileName.parse(name))}
    problems = []
    for target in targets:
        tags = {tag for wheel in target.wheels for tag in wheel.tags}
        asked = {**{f"`--platform {tag}`": (tag,) for tag in sorted(tags)}, **hosts(tags)}
        for name, host in asked.items():
            best = best_wheels(host, wheels)
            if len(best) != 1:
                problems.append(f"{target.triple}: {name} gets {', '.join(best) or 'no wheel'}, not exactly one")
    return problems


def best_wheels(host: Host, wheels: dict[str, FileName]) -> list[str]:
    """The names of the wheels with the first of the host's tags that any wheel has; several tie."""
    for tag in host:
        if found := sorted(name for name, parts in wheels.items() if tag in parts.platforms):
            return found
    return sorted(name for name, parts in wheels.items() if "any" in parts.platforms)
