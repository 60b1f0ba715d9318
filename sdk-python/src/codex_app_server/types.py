"""The types of the wire, by name: `from codex_app_server.types import AgentMessageThreadItem`.

Each is built when it is first asked for. `Unknown` stands in for what a newer server has and this version does not.
"""

from typing import TYPE_CHECKING

from ._wire import UNSET, Unknown, UnsetType, Wire

if TYPE_CHECKING:
    from .generated.v2_all import *  # noqa: F403 - all of them, and none is loaded here
else:
    from .generated import v2_all

    def __getattr__(name: str) -> object:
        return getattr(v2_all, name)

    def __dir__() -> list[str]:
        return [*__all__, *dir(v2_all)]


__all__ = ["UNSET", "Unknown", "UnsetType", "Wire"]
