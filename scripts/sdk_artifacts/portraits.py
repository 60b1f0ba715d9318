"""A wheel's portrait: what can be told of it and compared with another one. Judges nothing."""

from collections.abc import Iterator, Mapping

import msgspec

from . import tags
from .binaries import ElfFile, MachOFile, MachOSlice, NativeFile, PeFile
from .wheels import Wheel
from .wheels.contents import MemberUnreadable


class Member(msgspec.Struct, frozen=True):
    """One file inside: `size` in bytes, `sha256` in hex, and of a native file what it needs and how it is signed."""

    size: int
    sha256: str
    needs: str = ""
    signature: str = ""


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """What a wheel is.

    Attributes:
        size: of the wheel, in bytes.
        tags: the platform tags of its file name.
        untrue: why a tag is not true of what is inside, by tag; only such tags.
        members: by name; the version in the `.dist-info` directory's name is left out, so that two versions compare.
        fields: METADATA's, the values of each by its name in lower case.
    """

    name: str
    project: str
    version: str
    size: int
    sha256: str
    tags: tuple[str, ...]
    untrue: Mapping[str, str]
    members: Mapping[str, Member]
    fields: Mapping[str, tuple[str, ...]]

    def field(self, name: str) -> str:
        """The first value of a field of METADATA; empty without one."""
        return next(iter(self.fields.get(name, ())), "")


def portrait(wheel: Wheel) -> Portrait:
    """The portrait of an opened wheel.

    Raises:
        MemberUnreadable: its METADATA cannot be read, or a file inside.
    """
    natives = {name: content.native for name, content in wheel.contents.items() if content.native is not None}
    named = wheel.file_name.platforms if wheel.file_name else ()
    fields = {name: tuple(values) for name, values in wheel.metadata.items()}
    return Portrait(
        name=wheel.path.name,
        project="".join(wheel.metadata.get("name", [])[:1]),
        version="".join(wheel.metadata.get("version", [])[:1]),
        size=len(wheel.data),
        sha256=wheel.sha256,
        tags=named,
        untrue={tag: reason for tag in named for reason in _untruths(tag, natives, wheel)},
        members=dict(_members(wheel)),
        fields=fields,
    )


def needs(native: NativeFile) -> str:
    """What a native file needs to run, in a few words: `glibc 2.18 on aarch64`."""
    match native:
        case ElfFile():
            floor = ".".join(map(str, native.glibc_floor or ()))
            return f"{native.libc} {floor}".strip() + f" on {native.machine}"
        case MachOFile():
            return ", ".join(
                f"macOS {'.'.join(map(str, part.minimum_os or ())) or '(no minimum)'} on {part.machine}"
                for part in native.slices
            )
        case PeFile():
            return f"Windows on {native.machine}"


def signature(native: NativeFile) -> str:
    """How a native file is signed, as far as its bytes tell; empty on a platform without signatures."""
    match native:
        case ElfFile():
            return ""
        case MachOFile():
            return ", ".join(dict.fromkeys(map(_code_signature, native.slices)))
        case PeFile():
            return "Authenticode" if native.signed else "unsigned"


def _code_signature(part: MachOSlice) -> str:
    claimed = part.signature
    if claimed is None:
        return "unsigned"
    who = f"Developer ID {claimed.team}" if claimed.cms and claimed.team else "ad hoc"
    return f"{who}, hardened" if claimed.hardened else who


def _members(wheel: Wheel) -> Iterator[tuple[str, Member]]:
    here = f"{wheel.dist_info}/"
    for name, content in sorted(wheel.contents.items()):
        if content.problem:
            raise MemberUnreadable(f"{name}: {content.problem}")
        known = f"*.dist-info/{name.removeprefix(here)}" if name.startswith(here) else name
        native = content.native
        told = (needs(native), signature(native)) if native else ("", "")
        yield known, Member(wheel.files[name].size, content.sha256, *told)


def _untruths(tag: str, natives: Mapping[str, NativeFile], wheel: Wheel) -> Iterator[str]:
    """The first reason against `tag`, if there is one."""
    for path, native in sorted(natives.items()):
        if reasons := tags.contradictions(tag, path, native, shipped=wheel.files):
            yield reasons[0]
            return
