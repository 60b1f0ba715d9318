"""`upstream`: whether the registry has a newer runtime than the lock."""

import msgspec
from packaging.version import Version

from ..lock import Lock
from ..registry.newest import newest
from ..registry.patience import Patience
from ..registry.settings import find_registry
from ..reporting import Reporter


class Upstream(msgspec.Struct, frozen=True):
    """The locked version and the registry's latest one, as upstream spells them."""

    locked: str
    latest: str
    is_newer: bool


def upstream(lock: Lock, *, registry: str | None, reporter: Reporter, patience: Patience | None = None) -> Upstream:
    """Ask the registry for its latest version and hold it against the lock's.

    Raises:
        NetworkFailed: it cannot be asked.
        UsageProblem: there is no registry, or no such package in it.
    """
    latest = newest(find_registry(registry), patience=patience or Patience(), reporter=reporter)
    locked = lock.runtime_version
    return Upstream(locked.upstream, latest.upstream, Version(latest.pep440) > Version(locked.pep440))
