"""Text that may be shown: without what looks like a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "[hidden]"
SHORTEST = 6
"""Shorter values are no secrets, and would be found in innocent words."""

_NAMES = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
_LOOKS = (
    re.compile(r"()\b(?:sk|sess|ghp|xox[a-z])-[\w-]{4,}"),
    re.compile(r"()\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    re.compile(r"(\bbearer\s+)[^\s\"']+", re.IGNORECASE),
    re.compile(r"(://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"((?:key|token|secret|passw)\w*[\"']?\s*[=:]\s*)(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,;]+)", re.IGNORECASE),
)


def without_secrets(text: str, env: Mapping[str, str]) -> str:
    """`text` with everything hidden that is the value of a secret variable in `env`, or looks like a key or a token."""
    for name, value in env.items():
        if _NAMES.search(name) and len(value) >= SHORTEST:
            text = text.replace(value, HIDDEN)
    for look in _LOOKS:
        text = look.sub(rf"\g<1>{HIDDEN}", text)
    return text
