"""What a server tells about itself when it is initialized."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from . import _fit

if TYPE_CHECKING:
    from .generated.v2_all import InitializeResponse


class ServerMetadata(msgspec.Struct, frozen=True):
    """The server that answers.

    Attributes:
        version: such as "1.2.3"; None when its user agent does not tell.
        user_agent: as it came.
        platform_family: such as "unix".
        platform_os: such as "linux".
        codex_home: the directory where it keeps its state.
        pinned_version: the server that this SDK was made for.
    """

    version: str | None
    user_agent: str
    platform_family: str
    platform_os: str
    codex_home: str
    pinned_version: str

    @property
    def fits(self) -> bool:
        """Whether the server has everything that this SDK knows: it is the pinned one, or a newer patch of it."""
        return _fit.fits(self.version, self.pinned_version)

    @classmethod
    def of(cls, answer: InitializeResponse, client_name: str) -> ServerMetadata:
        """The metadata out of the answer to `initialize`; the user agent begins with the client's own name."""
        from .generated.v2_all import GENERATED_FROM  # noqa: PLC0415 - see `_handshake.get_ready`

        found = re.match(r"/(\d+\.\d+\S*)", answer.user_agent.removeprefix(client_name))
        return cls(
            found[1] if found else None,
            answer.user_agent,
            answer.platform_family,
            answer.platform_os,
            answer.codex_home,
            GENERATED_FROM,
        )
