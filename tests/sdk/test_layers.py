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
    "_mailbox",
    "_turns",
    "_patience",
    "_pace",
    "_handshake",
    "_keywords",
    "_leftovers",
    "_stderr",
    "errors",
}
WORLD = {"asyncio", "threading", "subprocess", "socket", "time", "os", "select", "queue", "concurrent"}

# What each module imports of the package when it runs; the types are built when they are used, by `_typed` alone.
ALLOWED = {
    "__init__": set(),
    "errors": set(),
    "_version": set(),
    "config": {"errors"},
    "retry": {"errors"},
    "_machine": set(),
    "_launch": {"_machine", "errors"},
    "_keywords": set(),
    "_metadata": set(),
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
    "_turns": {"_mailbox", "_typed", "errors"},
    "_session": {"_mailbox", "_protocol", "_turns", "errors"},
    "_handshake": {"_typed", "_version", "errors", "generated"},
    "_leftovers": {"_protocol"},
    "_child": {"_stderr", "errors"},
    "_async_child": {"_stderr", "errors"},
}
SHELL = {
    "_handshake",
    "_keywords",
    "_launch",
    "_leftovers",
    "_pace",
    "_patience",
    "_protocol",
    "_session",
    "_typed",
    "config",
    "errors",
}
ALLOWED["client"] = SHELL | {"_child"}
ALLOWED["async_client"] = SHELL | {"_async_child", "_mailbox"}
ALLOWED["turn"] = ALLOWED["async_turn"] = {"_patience", "config", "errors", "generated", "inputs"}
ALLOWED["thread"] = {"_keywords", "errors", "generated", "inputs", "turn"}
ALLOWED["async_thread"] = {"_keywords", "errors", "generated", "inputs", "async_turn"}
ALLOWED["codex"] = {"_metadata", "config", "generated", "client", "thread"}
ALLOWED["async_codex"] = {"_metadata", "config", "generated", "errors", "async_client", "async_thread"}

ONLY_HERE = {
    "threading": {"client", "_child", "_wire"},
    "asyncio": {"async_client", "async_codex", "_async_child", "retry"},
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
