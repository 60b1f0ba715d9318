"""`smoke`: what a release has for this machine, installed as a user would and run."""

from pathlib import Path

import msgspec
from packaging.utils import parse_wheel_filename

from ..errors import CheckFailed
from ..released import Released, ReleasedFile, intact, load_released, make_it
from ..reporting import Reporter
from ..targets import Target
from ..trial import Trial, installable, try_wheel
from ..turn_trial import Distribution, TurnTrial, try_turn
from ..versions import RuntimeVersion
from ..wheelhouse import needed_beside_the_runtime, wheelhouse


class Smoke(msgspec.Struct, frozen=True):
    """What ran on this machine: the runtime's wheel by itself, and the SDK with it."""

    target: str
    runtime: Trial
    sdk: TurnTrial


def smoke(dist: Path, *, host: Target, offline: bool, reporter: Reporter) -> Smoke:
    """Run the release in `dist` on this machine: the runtime and its doctor, then a turn of the SDK.

    Raises:
        CheckFailed: it has nothing for this machine, or what it has does not work.
        IntegrityFailed: a file is not the one that the release records.
    """
    released = load_released(dist)
    version = RuntimeVersion.parse(released.upstream_version)
    wheel, sdk = _wheel(dist, released, host), _sdk(dist, released)
    for file in (wheel, sdk):
        intact(dist, file)
    runtime = try_wheel(dist / wheel.name, sha256=wheel.sha256, version=version, reporter=reporter)
    turn = try_turn(
        Distribution(sdk.name, sdk.sha256),
        Distribution(wheel.name, wheel.sha256),
        directory=dist.resolve(),
        wheelhouse=wheelhouse(needed_beside_the_runtime(sdk.requires), offline=offline, reporter=reporter),
        sdk_version=str(parse_wheel_filename(sdk.name)[1]),
        runtime_version=version,
        reporter=reporter,
    )
    return Smoke(host.triple, runtime, turn)


def _wheel(dist: Path, released: Released, host: Target) -> ReleasedFile:
    """The wheel that an installer on this machine would take."""
    tag = installable(host.wheels).tag
    for file in released.wheels:
        if file.target == host.triple and file.name.endswith(f"-{tag}.whl"):
            return file
    raise CheckFailed(f"the release has no wheel {tag} for this machine", fix=make_it(dist))


def _sdk(dist: Path, released: Released) -> ReleasedFile:
    for file in released.sdk:
        if file.name.endswith(".whl"):
            return file
    raise CheckFailed("the release has no wheel of the SDK", fix=make_it(dist))
