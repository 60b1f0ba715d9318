"""A target: one platform as `platforms/<triple>.toml` describes it. All that differs per platform is read here."""

import fnmatch
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from . import paths
from .errors import DataProblem, UsageProblem
from .parts import known_parts
from .tags import is_platform_tag

Mode = Literal["0755", "0644"]


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files of a payload that ship together.

    Attributes:
        required: paths every payload must have.
        optional: glob patterns of paths a payload may have.
        parts: what each file is made of, by path or glob pattern: names in `parts.toml`.
        license_files: paths that are license texts themselves.
        withheld: why no wheel ships this component; empty for one that ships.
        unsigned: paths that upstream leaves unsigned on a platform that has signatures.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    parts: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    license_files: tuple[str, ...] = ()
    withheld: str = ""
    unsigned: tuple[str, ...] = ()

    def owns(self, path: str) -> bool:
        """Whether `path` (POSIX, relative to the payload) belongs to this component."""
        return path in self.required or any(fnmatch.fnmatchcase(path, pattern) for pattern in self.optional)


class Wheel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wheel of a target: the components it holds and the platform tags that are true of all of them."""

    name: str
    components: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The compressed tag set as the file name spells it, sorted."""
        return f"py3-none-{'.'.join(sorted(self.tags))}"


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One platform. `triple` is the file's name; the other attributes are its keys (see `platforms/README.md`)."""

    os: Literal["linux", "macos", "windows"]
    machine: Literal["x86_64", "aarch64"]
    npm_suffix: str
    executable: str
    path_directory: str
    runner: str
    modes: dict[str, Mode]
    components: dict[str, Component]
    wheels: tuple[Wheel, ...]
    emulator: str = ""
    triple: str = ""

    def component_of(self, path: str) -> str | None:
        """The name of the component that owns `path`, None when no component does."""
        return next((name for name, component in self.components.items() if component.owns(path)), None)

    def parts_of(self, path: str) -> tuple[str, ...]:
        """The names of what the file at `path` is made of; none when its component says nothing of it."""
        owner = self.component_of(path)
        rows = self.components[owner].parts.items() if owner else ()
        return next((names for pattern, names in rows if fnmatch.fnmatchcase(path, pattern)), ())

    @property
    def own_texts(self) -> frozenset[str]:
        """The paths of the payload that are license texts themselves."""
        return frozenset(path for component in self.components.values() for path in component.license_files)

    def mode_of(self, path: str) -> Mode:
        """The mode that `path` has in a wheel: that of the first pattern that matches."""
        return next(mode for pattern, mode in self.modes.items() if fnmatch.fnmatchcase(path, pattern))

    def wheel(self, name: str | None = None) -> Wheel:
        """The wheel of that name; the first one for None.

        Raises:
            UsageProblem: the target makes no such wheel.
        """
        for wheel in self.wheels:
            if name in (None, wheel.name):
                return wheel
        known = ", ".join(wheel.name for wheel in self.wheels)
        raise UsageProblem(f"{self.triple} makes no wheel named {name!r}", fix=f"Choose one of: {known}.")


def load_target(path: Path) -> Target:
    """Read and validate one target file.

    Raises:
        DataProblem: names the file and the key that is unknown, missing or wrong.
    """
    try:
        target = msgspec.toml.decode(path.read_bytes(), type=Target)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataProblem(f"{path.name}: {error}", fix="The keys are explained in platforms/README.md.") from None
    if target.triple:
        raise DataProblem(f"{path.name}: key `triple` is not written; the file's name is the triple")
    target = msgspec.structs.replace(target, triple=path.stem)
    for key, problem in _problems(target):
        raise DataProblem(f"{path.name}: key `{key}`: {problem}", fix="See platforms/README.md.")
    return target


def load_targets(directory: Path | None = None) -> dict[str, Target]:
    """All targets by triple, in the order of their names.

    Raises:
        DataProblem: a file is wrong, or two wheels claim one tag.
    """
    directory = directory or paths.PLATFORMS
    targets = {
        path.stem: load_target(path) for path in sorted(directory.glob("*.toml")) if path.name != paths.PARTS.name
    }
    if not targets:
        raise DataProblem(f"{directory}: no target file (*.toml) in it")
    claimed: dict[str, str] = {}
    for target in targets.values():
        for wheel in target.wheels:
            for tag in wheel.tags:
                here = f"{target.triple}.toml, wheel {wheel.name!r}"
                if tag in claimed:
                    raise DataProblem(f"{here}: key `tags`: {tag} is claimed by {claimed[tag]} too")
                claimed[tag] = here
    return targets


@cache
def known_targets() -> dict[str, Target]:
    """The targets of this repository."""
    return load_targets()


def select(names: tuple[str, ...] | list[str]) -> list[Target]:
    """The targets of these names; `host` is this machine's, no names are all.

    Raises:
        UsageProblem: a name is no target.
    """
    targets = known_targets()
    chosen: dict[str, Target] = {}
    for name in names or targets:
        triple = host_target().triple if name == "host" else name
        if triple not in targets:
            raise UsageProblem(f"{name!r} is no target", fix=f"Choose from: host, {', '.join(targets)}.")
        chosen[triple] = targets[triple]
    return list(chosen.values())


def host_target() -> Target:
    """The target whose executables run on this machine.

    Raises:
        UsageProblem: no target is for this machine.
    """
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    for target in known_targets().values():
        if (target.os, target.machine) == (system, machine):
            return target
    raise UsageProblem(f"no target is for this machine ({system}, {machine})", fix="Name one with --target.")


def _problems(target: Target) -> Iterator[tuple[str, str]]:
    """Every (key, problem) that the types alone do not rule out."""
    if not target.triple.startswith(f"{target.machine}-"):
        yield "machine", f"{target.machine} is not what {target.triple} begins with"
    if not target.modes or list(target.modes)[-1] != "*":
        yield "modes", "the last pattern must be '*'"
    if target.component_of(target.executable) is None:
        yield "executable", f"no component has {target.executable} among its files"
    for name, component in target.components.items():
        for key, problem in _license_problems(component):
            yield f"components.{name}.{key}", problem
    if not target.wheels:
        yield "wheels", "a target makes at least one wheel"
    if twice := _repeated(wheel.name for wheel in target.wheels):
        yield "wheels", f"two wheels are named {twice!r}"
    for wheel in target.wheels:
        for key, problem in _wheel_problems(target, wheel):
            yield f"wheels.{wheel.name}.{key}", problem


def _license_problems(component: Component) -> Iterator[tuple[str, str]]:
    for pattern, names in component.parts.items():
        if unknown := sorted({*names} - known_parts().keys()):
            yield "parts", f"{pattern}: no part is named {', '.join(unknown)} in {paths.PARTS.name}"
    if component.withheld:
        return
    for path in (*component.required, *component.optional):
        if not any(names and fnmatch.fnmatchcase(path, pattern) for pattern, names in component.parts.items()):
            yield "parts", f"nothing says what {path} is made of, and so under which license it is"


def _wheel_problems(target: Target, wheel: Wheel) -> Iterator[tuple[str, str]]:
    for name in wheel.components:
        if name not in target.components:
            yield "components", f"{name!r} is no component"
        elif reason := target.components[name].withheld:
            yield "components", f"{name!r} is withheld: {reason}"
    if (owner := target.component_of(target.executable)) not in wheel.components:
        yield "components", f"the executable's component, {owner!r}, is missing"
    if not wheel.tags:
        yield "tags", "at least one platform tag"
    for tag in wheel.tags:
        if not is_platform_tag(tag):
            yield "tags", f"{tag!r} is no platform tag that an index accepts"
    if twice := _repeated(wheel.tags):
        yield "tags", f"{twice} stands twice"


def _repeated(names: Iterable[str]) -> str | None:
    counted = Counter(names)
    return next((name for name, count in counted.items() if count > 1), None)
