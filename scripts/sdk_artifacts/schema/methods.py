"""The methods of the wire: names and params as the schema has them, results by rule and by exception. Pure."""

from collections.abc import Container, Mapping
from typing import Any

from ..errors import CheckFailed
from . import names
from .protocol import Method

Schema = Mapping[str, Any]

# The schema ties no result to a request; the names do, except here.
RESULTS = {
    "account/gatewayOAuth/cancel": "GatewayOAuthCancelResponse",
    "account/logout": "LogoutAccountResponse",
    "account/securitySetup/read": "GetAccountSecuritySetupResponse",
    "account/workspaceMessages/read": "GetWorkspaceMessagesResponse",
    "accountSession/list": "AccountSessionsResponse",
    "config/batchWrite": "ConfigWriteResponse",
    "config/mcpServer/reload": "McpServerRefreshResponse",
    "config/value/write": "ConfigWriteResponse",
    "externalAgentConfig/import/readHistories": "ExternalAgentConfigImportHistoriesReadResponse",
}


def read_params(envelope: Schema) -> dict[str, str | None]:
    """Every method of an envelope, with the definition of its params (None: it has none)."""
    found = {}
    for member in envelope["oneOf"]:
        params = member["properties"].get("params", {})
        options = [params, *params.get("anyOf", ())]  # params that may be null are `anyOf` with one reference
        reference = next((option["$ref"] for option in options if "$ref" in option), None)
        found[member["properties"]["method"]["enum"][0]] = reference and reference.rpartition("/")[2]
    return found


def read_methods(
    envelope: Schema, *, stable: Container[str], known: Container[str] | None, exceptions: dict[str, str]
) -> tuple[Method, ...]:
    """The methods of one envelope definition, sorted.

    Args:
        stable: the methods that need no opt-in.
        known: the names of all definitions, among which results are found; None for methods that have none.
        exceptions: results that the rule does not find; those that served are taken out.

    Raises:
        CheckFailed: a result is not found, or two methods would be one constant.
    """
    methods = []
    for name, params in sorted(read_params(envelope).items()):
        result = None if known is None else _result(name, params, known, exceptions)
        methods.append(Method(names.constant(name), name, params, result, name not in stable))
    if len({method.constant for method in methods}) < len(methods):
        raise CheckFailed(f"two methods of {envelope.get('title')} would be one constant")
    return tuple(methods)


def _result(name: str, params: str | None, known: Container[str], exceptions: dict[str, str]) -> str:
    candidates = [names.class_name(name, "Response")]
    if params is not None:
        candidates.insert(0, params.removesuffix("Params") + "Response")
    for candidate in candidates:
        if candidate in known:
            return candidate
    if name not in exceptions:
        fix = "Add the method and its result to RESULTS in scripts/sdk_artifacts/schema/methods.py."
        raise CheckFailed(f"{name}: no definition is named {' or '.join(candidates)}", fix=fix)
    return exceptions.pop(name)
