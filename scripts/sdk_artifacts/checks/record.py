"""RECORD against the members: each file once, with its hash and size, and nothing else."""

import base64
import binascii
from collections.abc import Iterator

from ..wheels import Wheel
from .findings import Finding, Level, Question

_COLUMNS = 3
_ALGORITHM = "sha256="


def record(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """What RECORD says that is not so, and what it does not say."""
    record_name = f"{wheel.dist_info}/RECORD"
    exempt = {record_name, f"{record_name}.jws", f"{record_name}.p7s"}
    listed: set[str] = set()
    for row in wheel.record:
        if len(row) != _COLUMNS:
            yield Finding("error", f"a RECORD row of {len(row)} columns: {row!r:.100}", right="path, hash, size")
            continue
        name, digest, size = row
        if name in listed:
            yield Finding("error", "RECORD lists it twice", name)
        elif name not in wheel.files:
            yield Finding("error", "RECORD lists it, but the wheel has no such file", name)
        elif name in exempt:
            if digest or size:
                yield Finding("error", "RECORD gives a hash or a size for it, which cannot be", name, "both empty")
        else:
            yield from _row(wheel, name, digest, size)
        listed.add(name)
    for name in sorted(wheel.files.keys() - listed - (exempt - {record_name})):
        yield Finding("error", "RECORD does not list it", name)


def _row(wheel: Wheel, name: str, digest: str, size: str) -> Iterator[Finding]:
    """Compare one row with the member's bytes."""
    content = wheel.contents[name]
    if content.problem:
        return  # said by the container's own part
    if not digest.startswith(_ALGORITHM):
        level: Level = "error" if wheel.is_ours or not digest else "warning"
        yield Finding(
            level, f"RECORD's hash is no sha256: {digest or 'none'!r:.40}", name, f"sha256={_encoded(content.sha256)}"
        )
    elif digest != f"{_ALGORITHM}{_encoded(content.sha256)}":
        yield Finding("error", f"RECORD's hash is wrong: {digest}", name, f"sha256={_encoded(content.sha256)}")
    if size != str(content.size) and (size or wheel.is_ours):
        yield Finding("error", f"RECORD says {size or 'nothing'!r:.40} of its size", name, f"{content.size}")


def _encoded(sha256: str) -> str:
    return base64.urlsafe_b64encode(binascii.unhexlify(sha256)).rstrip(b"=").decode()
