"""Platform tags: which ones an index accepts, and which ones the facts of native files allow. Pure."""

import re

_MACHINE = r"(?:x86_64|aarch64|i686|armv7l|ppc64le|s390x|riscv64)"
_PLATFORM_TAG = re.compile(
    rf"manylinux(?:1|2010|2014|_[1-9][0-9]?_[0-9]{{1,3}})_{_MACHINE}"
    rf"|musllinux_1_[0-9]{{1,2}}_{_MACHINE}"
    r"|macosx_(?:10_[0-9]{1,2}|(?:1[1-5]|26)_0)_(?:x86_64|arm64|universal2)"
    r"|win32|win_amd64|win_arm64",
)


def is_platform_tag(tag: str) -> bool:
    """Whether `tag` has a form that the public index accepts and installers can match."""
    return _PLATFORM_TAG.fullmatch(tag) is not None
