"""A CycloneDX bill of materials: what a wheel holds, where it came from, and under which licenses. Pure.

Written here rather than with cyclonedx-python-lib, which has no `compositions`, where a bill says what it does not
know, and whose text would change with its releases: the bill's bytes are the wheel's bytes. Its schema checks them.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from .binaries.embedded import Crate, Embedded
from .licenses import license_expression
from .parts import Part
from .stage import Stage

SPECIFICATION = "1.6"
SBOM_DIRECTORY = "sboms"
RUNTIME_SBOM = "codex-cli-bin.cdx.json"


class Hash(msgspec.Struct, frozen=True):
    """A digest: the algorithm as CycloneDX spells it, and hex."""

    alg: str
    content: str


class License(msgspec.Struct, frozen=True):
    """An SPDX expression."""

    expression: str = ""


class Property(msgspec.Struct, frozen=True):
    """What CycloneDX has no word for."""

    name: str
    value: str


class Component(msgspec.Struct, frozen=True, omit_defaults=True, rename={"bom_ref": "bom-ref"}):
    """A wheel, an archive, a file or a part of a file; what is inside of it is in `components`."""

    type: str
    name: str
    bom_ref: str = ""
    group: str = ""
    version: str = ""
    hashes: tuple[Hash, ...] = ()
    licenses: tuple[License, ...] = ()
    purl: str = ""
    components: tuple["Component", ...] = ()


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bill is about."""

    component: Component
    properties: tuple[Property, ...] = ()


class Composition(msgspec.Struct, frozen=True):
    """Whether what is listed in these components is all that is in them."""

    aggregate: str
    assemblies: tuple[str, ...]


class Bom(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """The bill; attributes that other bills have beside these are let pass."""

    bom_format: str
    spec_version: str
    serial_number: str = ""
    version: int = 1
    metadata: Metadata | None = None
    components: tuple[Component, ...] = ()
    compositions: tuple[Composition, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What is known of one payload file beside its digest: the names of its parts, and what was found in it."""

    parts: tuple[str, ...]
    embedded: Embedded


def bill_of_runtime(stage: Stage, contents: Mapping[str, Contents], parts: Mapping[str, Part]) -> Bom:
    """The bill of a staged runtime: each file of the payload, inside of the archive that it came in.

    Args:
        stage: what is staged.
        contents: of each file of the stage, by its path.
        parts: all parts by name.
    """
    files = tuple(_file(stage, path, contents[path], parts) for path in sorted(stage.files))
    origin = _origin(stage, files)
    wheel = _package("codex-cli-bin", stage.version, stage.license_expression)
    source = stage.source
    properties = (("target", stage.target), ("wheel", stage.wheel), ("source", f"{source.kind} {source.name}"))
    compositions = (
        Composition("complete", (wheel.bom_ref,)),
        # Of an archive only some files ship, and of what is linked into a file only some can be seen.
        Composition("incomplete", (*(each.bom_ref for each in origin), *(file.bom_ref for file in files))),
    )
    metadata = Metadata(wheel, tuple(Property(f"codex-cli-bin:{name}", value) for name, value in properties))
    return _bill(metadata, origin or files, compositions)


def render_bom(bom: Bom) -> str:
    """The bill as JSON text, the same for the same bill."""
    return msgspec.json.format(msgspec.json.encode(bom), indent=2).decode() + "\n"


def flattened(components: Iterable[Component]) -> Iterator[Component]:
    """All components, those inside of others after these."""
    for component in components:
        yield component
        yield from flattened(component.components)


def _bill(metadata: Metadata, components: tuple[Component, ...], compositions: tuple[Composition, ...]) -> Bom:
    """A bill whose serial number is made from what it says, so that no two bills share one and one bill has one."""
    bom = Bom(
        bom_format="CycloneDX",
        spec_version=SPECIFICATION,
        metadata=metadata,
        components=components,
        compositions=compositions,
    )
    serial = uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(render_bom(bom).encode()).hexdigest())
    return msgspec.structs.replace(bom, serial_number=serial.urn)


def _package(name: str, version: str, license_: str) -> Component:
    purl = _purl("pypi", name, version)
    return Component("application", name, purl, version=version, licenses=(License(license_),), purl=purl)


def _origin(stage: Stage, files: tuple[Component, ...]) -> tuple[Component, ...]:
    """The archive that the files came in; none when there was none."""
    if stage.source.sha512 is None:
        return ()
    hashes = (Hash("SHA-512", stage.source.sha512),)
    if stage.source.kind != "npm":
        return (Component("application", stage.source.name, "archive", hashes=hashes, components=files),)
    package, _, version = stage.source.name.rpartition("@")
    group, _, name = package.rpartition("/")
    purl = _purl("npm", package, version)
    return (Component("application", name, purl, group, version, hashes, purl=purl, components=files),)


def _file(stage: Stage, path: str, contents: Contents, parts: Mapping[str, Part]) -> Component:
    expression = license_expression(parts[name].license for name in contents.parts)
    inside = {name: stage.upstream_version for name in contents.parts if not parts[name].evidence}
    inside |= contents.embedded.parts
    return Component(
        type="file",
        name=path,
        bom_ref=path,
        version=inside.get(contents.parts[0], "") if contents.parts else "",
        hashes=(Hash("SHA-256", stage.files[path].sha256),),
        licenses=(License(expression),) if expression else (),
        components=(
            *(_part(name, version, parts[name]) for name, version in sorted(inside.items())),
            *map(_crate, contents.embedded.crates),
        ),
    )


def _part(name: str, version: str, part: Part) -> Component:
    purl = _purl("generic", name, version)
    return Component("library", name, version=version, licenses=(License(part.license),), purl=purl)


def _crate(crate: Crate) -> Component:
    purl = "" if crate.is_checkout else _purl("cargo", crate.name, crate.version)
    return Component("library", crate.name, version=crate.version, purl=purl)


def _purl(kind: str, name: str, version: str) -> str:
    return f"pkg:{kind}/{quote(name)}" + (f"@{quote(version)}" if version else "")
