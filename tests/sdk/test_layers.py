"""Who may import whom in the SDK, as data, and what an import costs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).parent.parent.parent / "sdk-python" / "src" / "codex_app_server"

# The core touches no world; it is told the time and given the bytes.
PURE = {
    "_protocol",
    "_session",
    "_strays",
    "_mailbox",
    "_turns",
    "_patience",
    "_pace",
    "_fit",
    "_item_text",
    "_item_views",
    "_schema",
    "_user_types",
    "_output",
    "_signature",
    "_tool_results",
    "tools",
    "_handshake",
    "_keywords",
    "_leftovers",
    "_asked",
    "_requests",
    "_decisions",
    "_commands",
    "_wiring",
    "approvals",
    "policies",
    "_stderr",
    "_window",
    "_subscriptions",
    "_known_turns",
    "_catching_up",
    "_endpoint",
    "_websocket",
    "_pages",
    "_sequel",
    "_compaction",
    "_login",
    "errors",
}
WORLD = {"asyncio", "threading", "subprocess", "socket", "time", "os", "select", "queue", "concurrent"}

# What each module imports of the package when it runs; the types are built when they are used, by `_typed` alone.
ALLOWED = {
    "__init__": set(),
    "errors": set(),
    "_version": set(),
    "config": {"_shown", "errors"},
    "retry": {"errors"},
    "_machine": set(),
    "_launch": {"_machine", "errors"},
    "sandbox": {"errors", "generated"},
    "_keywords": {"sandbox"},
    "_pages": {"errors"},
    "_sequel": {"_mailbox"},
    "_compaction": {"_protocol", "_sequel"},
    "_login": {"_protocol", "_sequel", "_typed", "errors", "generated"},
    "accounts": {"_login", "config", "errors", "generated"},
    "async_accounts": {"_login", "config", "errors", "generated"},
    "_fit": set(),
    "_metadata": {"_fit", "generated"},
    "_item_text": set(),
    "_item_views": {"_item_text", "_wire"},
    "_schema": {"errors"},
    "_user_types": {"_schema", "_wire", "errors"},
    "_output": {"_schema", "_user_types", "_wire", "errors"},
    "_signature": {"_user_types", "errors"},
    "_tool_results": {"_user_types", "inputs"},
    "tools": {"_signature", "_tool_results", "errors"},
    "inputs": {"errors"},
    "_stderr": set(),
    "_pace": set(),
    "_protocol": {"errors"},
    "_mailbox": set(),
    "_patience": {"errors"},
    "_wire": {"_lenient"},
    "_lenient": {"_wire"},
    "_methods": {"generated"},
    "_typed": {"_methods", "_wire", "errors", "generated"},
    "_turns": {"_mailbox", "_shown", "_typed", "errors"},
    "_strays": set(),
    "_window": {"_mailbox", "_protocol"},
    "_subscriptions": {"_protocol", "errors"},
    "_known_turns": {"_turns"},
    "_catching_up": {"_protocol", "_turns"},
    "_session": {
        "_strays",
        "_asked",
        "_catching_up",
        "_known_turns",
        "_mailbox",
        "_protocol",
        "_sequel",
        "_subscriptions",
        "_window",
        "errors",
    },
    "_handshake": {"_fit", "_metadata", "_typed", "_version", "errors", "generated"},
    "_leftovers": set(),
    "_asked": set(),
    "_requests": {"_protocol", "_typed", "errors"},
    "_answerer": {"_requests", "errors"},
    "_async_answerer": {"_answerer", "_requests"},
    "_decisions": set(),
    "_commands": set(),
    "_terminal": {"_decisions", "_wire"},
    "_wiring": {"_methods", "approvals", "errors", "generated", "tools"},
    "approvals": {"_decisions", "_requests", "errors", "generated"},
    "policies": {"_commands", "_decisions", "_terminal", "errors", "generated"},
    "_pipe": set(),
    "_child": {"_pipe", "_stderr", "_waiting", "errors"},
    "_async_child": {"_stderr", "errors"},
    "_endpoint": {"errors"},
    "_websocket": {"_protocol", "errors"},
    "_socket": {"_endpoint", "_websocket", "errors"},
    "_async_socket": {"_endpoint", "_websocket", "errors"},
    "_open": {"_child", "_launch", "_socket", "errors"},
    "_async_open": {"_async_child", "_async_socket", "_launch", "errors"},
    "_reconnect": {"_handshake", "_patience", "_protocol", "errors", "retry"},
    "_async_reconnect": {"_handshake", "_patience", "_protocol", "errors", "retry"},
    "_waiting": set(),
    "_tracing": {"_patience", "_requests", "_subscriptions", "_version", "errors"},
    "_secrets": set(),
    "_shown": set(),
    "_places": {"_launch", "_version", "errors", "generated"},
    "doctor": {"_fit", "_launch", "_metadata", "_places", "_secrets", "client", "config", "errors", "generated"},
    "_views": {"_terminal", "_wire"},
    "_live": {"_views", "errors"},
    "_run_command": {"_live", "_views", "codex", "config", "errors", "policies"},
    "__main__": {"_run_command", "_views", "config", "doctor", "errors"},
}
SHELL = {
    "_asked",
    "_handshake",
    "_keywords",
    "_leftovers",
    "_pace",
    "_patience",
    "_protocol",
    "_session",
    "_typed",
    "config",
    "errors",
}
ALLOWED["client"] = SHELL | {"_answerer", "_open", "_reconnect", "_tracing", "_waiting"}
ALLOWED["async_client"] = SHELL | {"_async_answerer", "_async_open", "_async_reconnect", "_mailbox", "_tracing"}
TURN = {"_item_views", "_output", "_patience", "_turns", "config", "errors", "generated", "inputs"}
ALLOWED["turn"] = TURN | {"_requests"}
ALLOWED["async_turn"] = TURN
THREAD = {"_compaction", "_keywords", "_output", "_pages", "config", "errors", "generated", "inputs"}
ALLOWED["thread"] = THREAD | {"turn"}
ALLOWED["async_thread"] = THREAD | {"async_turn"}
CODEX = {"_wiring", "_keywords", "_metadata", "_pages", "config", "generated"}
ALLOWED["codex"] = CODEX | {"accounts", "client", "thread"}
ALLOWED["async_codex"] = CODEX | {"async_accounts", "async_client", "async_thread", "errors"}

ONLY_HERE = {
    "threading": {
        "_answerer",
        "_live",
        "_terminal",
        "client",
        "_child",
        "_pipe",
        "_reconnect",
        "_socket",
        "_tracing",
        "_waiting",
        "_wire",
    },
    "asyncio": {
        "_tracing",
        "_async_answerer",
        "_async_child",
        "_async_reconnect",
        "_async_socket",
        "async_client",
        "async_codex",
        "retry",
    },
}


def imports(path):
    """(top-level modules of others, modules of the package) that a file imports when it runs."""
    others, own = set(), set()
    pending = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            pending += node.orelse
        elif isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            own |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module.partition(".")[0])
        else:
            pending += ast.iter_child_nodes(node)
    return others, own


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_module_imports_only_what_lies_below_it(name):
    assert imports(SDK / f"{name}.py")[1] <= ALLOWED[name]


@pytest.mark.parametrize("name", sorted(PURE))
def test_the_core_does_not_touch_the_world(name):
    assert not imports(SDK / f"{name}.py")[0] & WORLD


@pytest.mark.parametrize("module", sorted(ONLY_HERE))
def test_threads_and_tasks_have_their_places(module):
    assert {path.stem for path in SDK.glob("*.py") if module in imports(path)[0]} <= ONLY_HERE[module]


def test_every_module_has_its_place():
    assert {path.stem for path in SDK.glob("*.py")} == {*ALLOWED, "types"}


def loaded_by(code):
    ask = f"{code}\nimport sys; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, env={**os.environ})
    return set(told.stdout.split())


def test_the_sync_half_never_loads_asyncio_nor_types_that_nobody_uses():
    loaded = loaded_by("from codex_app_server import AppServerClient, AppServerConfig, retry_on_overload")
    assert "codex_app_server.client" in loaded
    assert not loaded & {
        "asyncio",
        "pathlib",
        "json",
        "codex_app_server.generated.v2_all",
        "codex_app_server.async_client",
    }


def test_a_bare_import_loads_nothing():
    loaded = {name for name in loaded_by("import codex_app_server") if name.startswith("codex_app_server.")}
    assert loaded == set()


def test_every_public_name_can_be_imported():
    import codex_app_server

    for name in codex_app_server.__all__:
        assert getattr(codex_app_server, name) is not None
    assert set(codex_app_server.__all__) <= set(dir(codex_app_server))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = codex_app_server.nothing
