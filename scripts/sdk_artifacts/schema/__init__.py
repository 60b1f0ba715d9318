"""The JSON schema that the runtime prints about itself, read into a `Protocol`. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import CheckFailed
from .definitions import NAMES, DefinitionReader
from .methods import RESULTS, read_methods, read_params
from .protocol import Definition, Method, Protocol, Struct, references

Schema = Mapping[str, Any]

# The envelopes: the methods are read from them; their keys are known to the SDK's protocol core alone.
ENVELOPES = {
    "ClientNotification",
    "ClientRequest",
    "JSONRPCError",
    "JSONRPCErrorError",
    "JSONRPCMessage",
    "JSONRPCNotification",
    "JSONRPCRequest",
    "JSONRPCResponse",
    "ServerNotification",
    "ServerRequest",
}


def read_protocol(everything: Schema, stable: Schema) -> Protocol:
    """Read the full bundle as printed with and without the experimental part.

    Raises:
        CheckFailed: the schema has a shape that no rule knows, or an exception to a rule fits nothing.
    """
    schemas, envelopes = _split(everything)
    stable_schemas, stable_envelopes = _split(stable)
    reader = DefinitionReader(schemas)
    definitions = _mark_experimental(reader.read(), DefinitionReader(stable_schemas).read())
    exceptions = dict(RESULTS)

    def methods(envelope: str, *, answered: bool = True) -> tuple[Method, ...]:
        known = schemas if answered else None
        plain = read_params(stable_envelopes[envelope])
        return read_methods(envelopes[envelope], stable=plain, known=known, exceptions=exceptions)

    protocol = Protocol(
        definitions=definitions,
        requests=methods("ClientRequest"),
        server_requests=methods("ServerRequest"),
        notifications=methods("ServerNotification", answered=False),
        client_notifications=methods("ClientNotification", answered=False),
        untagged=tuple(sorted(reader.untagged)),
    )
    if unused := [*exceptions, *map(str, NAMES.keys() - reader.renamed)]:
        raise CheckFailed(f"exceptions that fit nothing: {', '.join(unused)}", fix="Remove them from RESULTS or NAMES.")
    _check_results(protocol)
    return _with_roles(protocol)


def _split(bundle: Schema) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """A bundle's definitions by name, and its envelopes; the newer definitions are nested under `v2`."""
    top = {name: schema for name, schema in bundle["definitions"].items() if name != "v2"}
    nested = bundle["definitions"]["v2"]
    for name in top.keys() & nested.keys():
        if _shape(top[name]) != _shape(nested[name]):
            raise CheckFailed(f"two different definitions are named {name}")
    schemas = {**top, **nested}
    if missing := ENVELOPES - schemas.keys():
        raise CheckFailed(f"ENVELOPES that are not there: {', '.join(sorted(missing))}", fix="Remove them.")
    return (
        {name: schema for name, schema in schemas.items() if name not in ENVELOPES},
        {name: schema for name, schema in schemas.items() if name in ENVELOPES},
    )


def _shape(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in {"$schema", "title", "description"}}


def _check_results(protocol: Protocol) -> None:
    """A response that no method gives would mean that some method was given the wrong one."""
    given = {method.result for method in (*protocol.requests, *protocol.server_requests)}
    given |= {name for definition in protocol.definitions for name in references(definition)}
    responses = {definition.name for definition in protocol.definitions if definition.name.endswith("Response")}
    if lost := sorted(responses - given):
        raise CheckFailed(f"no method gives {', '.join(lost)}", fix="Say which one does in RESULTS of methods.py.")


def _mark_experimental(everything: Iterable[Definition], stable: Iterable[Definition]) -> tuple[Definition, ...]:
    """Mark the fields that a struct has only in the experimental schema; a wholly experimental struct needs none."""
    plain = {struct.name: {field.wire for field in struct.fields} for struct in stable if isinstance(struct, Struct)}
    marked: list[Definition] = []
    for definition in everything:
        if isinstance(definition, Struct) and definition.name in plain:
            fields = (
                replace(field, experimental=field.wire not in plain[definition.name]) for field in definition.fields
            )
            marked.append(replace(definition, fields=tuple(fields)))
        else:
            marked.append(definition)
    return tuple(marked)


def _with_roles(protocol: Protocol) -> Protocol:
    """Tell the structs that only a client writes from those that it reads."""
    graph = {definition.name: references(definition) for definition in protocol.definitions}
    read = [method.result for method in protocol.requests]
    read += [method.params for method in (*protocol.server_requests, *protocol.notifications)]
    written = [method.params for method in protocol.requests] + [method.result for method in protocol.server_requests]
    sent = _reachable(graph, written) - _reachable(graph, read)
    definitions = (
        replace(definition, role="sent") if isinstance(definition, Struct) and definition.name in sent else definition
        for definition in protocol.definitions
    )
    return replace(protocol, definitions=tuple(definitions))


def _reachable(graph: Mapping[str, Sequence[str]], roots: Iterable[str | None]) -> set[str]:
    found: set[str] = set()
    waiting = [root for root in roots if root is not None]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    return found
