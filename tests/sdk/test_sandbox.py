"""Presets, and what of them is sent; the real server's word on them is in `tests/e2e/sdk/test_sandboxes.py`."""

import json
from pathlib import PurePosixPath

import pytest

from codex_app_server import ApprovalPolicy, Sandbox, UsageError
from codex_app_server._keywords import params_of
from codex_app_server._wire import encode
from codex_app_server.generated import methods as m
from codex_app_server.types import AskForApprovalObject

BOX = Sandbox.workspace_write(writable_roots=["/a", PurePosixPath("/b")], network=True, slash_tmp=False)
TABLE = {
    "writable_roots": ["/a", "/b"],
    "network_access": True,
    "exclude_slash_tmp": True,
    "exclude_tmpdir_env_var": False,
}


def sent(method, **keywords):
    """The params as JSON, without what names the thread."""
    required = {m.THREAD_START: {}, m.TURN_START: {"thread_id": "h", "input": []}}.get(method, {"thread_id": "h"})
    params = json.loads(encode(params_of(method, keywords, **required)))
    return {name: value for name, value in params.items() if name not in {"threadId", "input"}}


@pytest.mark.parametrize("method", [m.THREAD_START, m.THREAD_RESUME, m.THREAD_FORK], ids=lambda method: method.name)
def test_a_thread_gets_a_mode_and_the_rest_as_settings(method):
    assert sent(method, sandbox=BOX) == {"sandbox": "workspace-write", "config": {"sandbox_workspace_write": TABLE}}
    assert sent(method, sandbox=Sandbox.read_only()) == {"sandbox": "read-only"}
    assert sent(method, sandbox=Sandbox.danger_full_access()) == {"sandbox": "danger-full-access"}


def test_all_settings_are_sent_for_the_servers_own_might_differ():
    table = sent(m.THREAD_START, sandbox=Sandbox.workspace_write())["config"]["sandbox_workspace_write"]
    assert table == {
        "writable_roots": [],
        "network_access": False,
        "exclude_slash_tmp": False,
        "exclude_tmpdir_env_var": False,
    }


def test_other_settings_of_the_thread_stay():
    config = {"model_verbosity": "low"}
    assert sent(m.THREAD_START, sandbox=BOX, config=config)["config"] == {
        "model_verbosity": "low",
        "sandbox_workspace_write": TABLE,
    }
    assert config == {"model_verbosity": "low"}
    assert sent(m.THREAD_START, sandbox=Sandbox.read_only(), config=config)["config"] == config


@pytest.mark.parametrize("name", ["sandbox_workspace_write", "sandbox_workspace_write.network_access"])
def test_two_answers_to_one_question_are_refused(name):
    with pytest.raises(UsageError, match="both sandbox and config"):
        sent(m.THREAD_START, sandbox=BOX, config={name: True})


@pytest.mark.parametrize("box", [Sandbox.external(), Sandbox.read_only(network=True)])
def test_what_only_a_turn_can_have_is_refused_for_a_thread(box):
    with pytest.raises(UsageError, match="give it to its turns, as sandbox_policy"):
        sent(m.THREAD_START, sandbox=box)


@pytest.mark.parametrize(
    ("box", "policy"),
    [
        (Sandbox.read_only(), {"type": "readOnly"}),
        (Sandbox.read_only(network=True), {"type": "readOnly", "networkAccess": True}),
        (Sandbox.workspace_write(), {"type": "workspaceWrite"}),
        (
            BOX,
            {
                "type": "workspaceWrite",
                "writableRoots": ["/a", "/b"],
                "networkAccess": True,
                "excludeSlashTmp": True,
            },
        ),
        (Sandbox.workspace_write(tmpdir=False), {"type": "workspaceWrite", "excludeTmpdirEnvVar": True}),
        (Sandbox.danger_full_access(), {"type": "dangerFullAccess"}),
        (Sandbox.external(), {"type": "externalSandbox"}),
        (Sandbox.external(network=True), {"type": "externalSandbox", "networkAccess": "enabled"}),
    ],
)
def test_a_turn_gets_a_policy(box, policy):
    assert sent(m.TURN_START, sandbox_policy=box) == {"sandboxPolicy": policy}
    assert json.loads(encode(box.policy)) == policy


def test_the_wires_own_forms_go_through():
    assert sent(m.THREAD_START, sandbox="read-only") == {"sandbox": "read-only"}
    assert sent(m.TURN_START, sandbox_policy=BOX.policy) == sent(m.TURN_START, sandbox_policy=BOX)
    assert sent(m.THREAD_START, sandbox=None) == {"sandbox": None}


def test_a_turn_names_the_right_option():
    with pytest.raises(TypeError, match="turn/start has no 'sandbox'; did you mean 'sandbox_policy'"):
        sent(m.TURN_START, sandbox=BOX)


@pytest.mark.parametrize("roots", [["here"], ["/a", "./b"], [""]])
def test_a_relative_root_is_refused(roots):
    with pytest.raises(UsageError, match="is a relative path; make it absolute"):
        Sandbox.workspace_write(writable_roots=roots)


def test_a_root_of_another_system_is_taken():
    assert Sandbox.workspace_write(writable_roots=[r"C:\work"]).writable_roots == (r"C:\work",)


def test_a_text_is_no_list_of_roots():
    with pytest.raises(UsageError, match="write a list of texts"):
        Sandbox.workspace_write(writable_roots="/a")


@pytest.mark.parametrize(
    ("policy", "wire"),
    [
        (ApprovalPolicy.UNTRUSTED, "untrusted"),
        (ApprovalPolicy.ON_REQUEST, "on-request"),
        (ApprovalPolicy.NEVER, "never"),
        (
            ApprovalPolicy.granular(sandbox_approval=True, skill_approval=True),
            {
                "granular": {
                    "sandbox_approval": True,
                    "rules": False,
                    "mcp_elicitations": False,
                    "skill_approval": True,
                }
            },
        ),
    ],
)
def test_approval_policies_are_what_the_wire_knows(policy, wire):
    for method in (m.THREAD_START, m.TURN_START):
        assert sent(method, approval_policy=policy) == {"approvalPolicy": wire}
    assert isinstance(policy, str | AskForApprovalObject)
