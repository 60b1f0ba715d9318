"""The generated types: complete, buildable, lazy, what their stub says, and free of the schema's prose."""

import ast
import io
import json
import pickle
import subprocess
import sys
import tokenize
from pathlib import Path
from types import NoneType

import msgspec
import pytest

import codex_app_server
from codex_app_server import types
from codex_app_server._methods import Method, NotificationMethod, ServerRequest
from codex_app_server.generated import methods
from codex_app_server.generated import v2_all as t
from traffic import by_name

PACKAGE = Path(codex_app_server.__file__).parent
FILES = sorted((PACKAGE / "generated").glob("*.py*"))
LOCK = Path(__file__).parents[2] / "platforms" / "runtime.lock"
NAMES = list(t.DEFINITIONS)
KEYWORDS = [name for name in NAMES if name.endswith("Keywords")]
STUB = {
    node.name: node
    for node in ast.parse((PACKAGE / "generated" / "v2_all.pyi").read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
STRUCTS = [
    name for name in NAMES if isinstance(getattr(t, name), type(msgspec.Struct)) and getattr(t, name).__name__ == name
]


def test_the_types_are_of_the_pinned_runtime():
    assert f'version = "{t.GENERATED_FROM}"' in LOCK.read_text(encoding="utf-8").splitlines()


def test_the_whole_protocol_is_there():
    assert len(by_name(Method)) >= 184
    assert len(by_name(ServerRequest)) >= 11
    assert len(by_name(NotificationMethod)) >= 87
    assert len(STRUCTS) >= 900


def test_every_definition_has_a_decoder():
    for name in NAMES:
        assert name in KEYWORDS or msgspec.json.Decoder(getattr(t, name))


def test_every_struct_has_an_encoder_that_leaves_out_what_was_not_given():
    for name in STRUCTS:
        kind = getattr(t, name)
        rows, config = msgspec.structs.fields(kind), kind.__struct_config__
        empty = kind(**{row.name: msgspec.UNSET for row in rows if row.required})
        sent = json.loads(msgspec.json.encode(empty))
        assert sent.pop(config.tag_field, None) == config.tag
        assert sent.keys() <= {row.encode_name for row in rows if row.default_factory is not msgspec.NODEFAULT}


def test_every_method_knows_its_types():
    for kind in (Method, ServerRequest, NotificationMethod):
        for method in by_name(kind).values():
            for type_ in [method.params] if kind is NotificationMethod else [method.params, method.result]:
                assert type_ is NoneType or msgspec.json.Decoder(type_)


def test_methods_that_need_the_opt_in_say_so():
    assert not methods.THREAD_START.experimental
    assert methods.THREAD_REALTIME_START.experimental
    assert sum(method.experimental for method in by_name(Method).values()) == 184 - 109
    assert [name for name, method in by_name(ServerRequest).items() if method.experimental] == ["currentTime/read"]


def test_fields_that_need_the_opt_in_are_fields():
    for name, marked in t.EXPERIMENTAL_FIELDS.items():
        assert marked <= set(getattr(t, name).__struct_fields__)
    assert "dynamic_tools" in t.EXPERIMENTAL_FIELDS["ThreadStartParams"]
    assert "model" not in t.EXPERIMENTAL_FIELDS["ThreadStartParams"]


def test_the_unions_without_a_tag_are_these():
    assert sorted(t.UNTAGGED) == [
        # one of several objects, told apart by the keys they have
        *("AccountSessionsSwitchResponse", "AskForApproval", "AudioUserInput", "CodexErrorInfo"),
        *("CommandExecutionApprovalDecision", "ForcedChatgptWorkspaceIds", "FunctionCallOutputBody"),
        *("ImageGenerationThreadItem", "ImageUserInput", "InputAudioContentItem"),
        *("InputAudioFunctionCallOutputContentItem", "InputImageContentItem"),
        *("InputImageFunctionCallOutputContentItem", "McpElicitationEnumSchema", "McpElicitationMultiSelectEnumSchema"),
        *("McpElicitationMultiSelectEnumSchemaItems", "McpElicitationPrimitiveSchema"),
        *("McpElicitationSingleSelectEnumSchema", "MultiAgentMode", "OtelExporter", "RequestId", "ResourceContent"),
        *("ReviewDecision", "SessionSource", "SubAgentSource", "ThreadItemsListCursor", "ThreadListCwdFilter"),
    ]


def test_the_stub_says_what_is_there():
    for name in STRUCTS:
        kind = getattr(t, name)
        lines = [line for line in STUB[name].body if isinstance(line, ast.AnnAssign)]
        constant = {line.target.id for line in lines if "ClassVar" in ast.unparse(line.annotation)}
        optional = {line.target.id for line in lines if line.value is not None}
        rows = msgspec.structs.fields(kind)
        assert {line.target.id for line in lines} - constant == {row.name for row in rows}
        assert optional == {row.name for row in rows if not row.required}
        assert {getattr(kind, attribute) for attribute in constant} == {kind.__struct_config__.tag} - {None}


def test_the_stub_has_nothing_that_is_not_there():
    assert set(STUB) == {*STRUCTS, *KEYWORDS}


def test_keywords_are_the_params_that_may_be_left_out():
    for name in KEYWORDS:
        params = getattr(t, name.removesuffix("Keywords") + "Params")
        optional = {row.name for row in msgspec.structs.fields(params) if not row.required}
        assert getattr(t, name).__annotations__.keys() == getattr(t, name).__optional_keys__ == optional
        assert {line.target.id for line in STUB[name].body} == optional


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_prose_of_the_schema_is_in_it(path):
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert " " not in node.value or node.value == ast.get_docstring(ast.parse(source)), node.value
    comments = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT
    ]
    assert len(comments) < 10


def test_structs_are_made_by_keyword_and_compare_and_pickle():
    params = types.TurnStartParams(thread_id="t", input=[types.TextUserInput(text="hi")])
    assert params == pickle.loads(pickle.dumps(params))
    assert params.input[0].type == "text"
    with pytest.raises(TypeError):
        types.TurnStartParams("t", [])
    with pytest.raises(TypeError, match="thread"):
        types.TurnStartParams(thread="t", input=[])


def test_a_name_that_is_no_type_is_an_attribute_error():
    with pytest.raises(AttributeError, match="ThreadStrat"):
        _ = types.ThreadStrat
    with pytest.raises(ImportError):
        exec("from codex_app_server.types import ThreadStrat")
    assert "ThreadStartParams" in dir(types)


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    return json.loads(done.stdout)


def test_the_methods_can_be_imported_without_any_type():
    program = "import json, sys; from codex_app_server.generated import methods; print(json.dumps(sorted(sys.modules)))"
    assert "codex_app_server.generated.v2_all" not in run(program)


def test_only_what_is_used_is_built():
    program = (
        "import json; from codex_app_server.generated import methods as m, v2_all as t;"
        "m.INITIALIZE.params, m.INITIALIZE.result;"
        "print(json.dumps([name for name in vars(t) if name.endswith(('Params', 'Response', 'Item'))]))"
    )
    assert sorted(run(program)) == ["InitializeParams", "InitializeResponse"]


def test_threads_that_ask_at_once_get_one_class():
    program = """
import json, sys, threading
from codex_app_server.generated import v2_all as t
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(4)
found = {name: set() for name in t.DEFINITIONS if name.endswith("Response")}
def ask():
    for name in found:
        barrier.wait()
        found[name].add(id(getattr(t, name)))
threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(json.dumps([name for name in found if len(found[name]) > 1]))
"""
    assert run(program) == []
