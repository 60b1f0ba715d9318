"""Presets on the real server, with commands that really try; the same names as in `test_async_sandboxes.py`."""

import pytest

from codex_app_server import ApprovalPolicy, Sandbox
from codex_app_server.generated import methods as m
from codex_app_server.types import CommandExecParams
from e2e.sdk.outcomes import ESCALATED
from e2e.sdk.sandbox_probe import NETWORK, WORK, done, probing
from model_replies import calls, says

pytestmark = pytest.mark.real


@pytest.fixture
def probe(tmp_path):
    with probing(tmp_path) as probe:
        yield probe


def test_the_sandbox_of_a_thread_holds(codex, model, probe):
    for box, allowed in probe.boxes():
        model.replies(*probe.replies())
        thread = codex.thread_start(sandbox=box, approval_policy=ApprovalPolicy.NEVER)
        assert done(thread.run("try")) == allowed, box


def test_the_sandbox_of_a_turn_holds_and_stays(codex, model, probe):
    thread = codex.thread_start(approval_policy=ApprovalPolicy.NEVER)
    for box, allowed in [*probe.boxes(), *probe.more_boxes()]:
        model.replies(*probe.replies(2))
        assert done(thread.run("try", sandbox_policy=box)) == allowed, box
        assert done(thread.run("again")) == allowed, box


def test_the_servers_own_settings_do_not_widen_a_preset(codex, model, probe):
    open_wide = {"network_access": True, "writable_roots": [str(probe.extra)]}
    codex.client.request(
        m.CONFIG_VALUE_WRITE,
        {"keyPath": "sandbox_workspace_write", "value": open_wide, "mergeStrategy": "upsert"},
    )
    model.replies(*probe.replies(2))
    box = Sandbox.workspace_write(slash_tmp=False, tmpdir=False)
    thread = codex.thread_start(sandbox=box, approval_policy=ApprovalPolicy.NEVER)
    assert done(thread.run("try")) == {WORK}
    assert done(thread.run("try", sandbox_policy=Sandbox.workspace_write(network=True))) >= {WORK, NETWORK}


def test_a_fork_can_have_another_sandbox(codex, model, probe):
    thread = codex.thread_start(sandbox=Sandbox.read_only(), approval_policy=ApprovalPolicy.NEVER)
    thread.run("hi")
    model.replies(*probe.replies(2))
    box = Sandbox.workspace_write(slash_tmp=False, tmpdir=False)
    fork = codex.thread_fork(thread.id, sandbox=box, approval_policy=ApprovalPolicy.NEVER)
    assert done(fork.run("try")) == {WORK}
    assert done(thread.run("try")) == set()


def test_a_command_of_the_clients_has_a_sandbox_too(codex, probe):
    for box, allowed in [*probe.boxes(), *probe.more_boxes()]:
        params = CommandExecParams(command=["sh", "-c", probe.command], sandbox_policy=box.policy)
        assert set(codex.client.request(m.COMMAND_EXEC, params).stdout.split()) == allowed, box


@pytest.mark.parametrize(
    "case",
    [
        (ApprovalPolicy.UNTRUSTED, True),
        (ApprovalPolicy.ON_REQUEST, True),
        (ApprovalPolicy.NEVER, False),
        (ApprovalPolicy.granular(sandbox_approval=True, rules=True), True),
        (ApprovalPolicy.granular(), False),
    ],
    ids=["untrusted", "on request", "never", "granular, on", "granular, off"],
)
def test_an_approval_policy_says_when_the_server_asks(codex, model, home, caplog, case):
    policy, asks = case
    model.replies(calls("exec_command", cmd="touch a", **ESCALATED), says("done"))
    thread = codex.thread_start(sandbox=Sandbox.read_only(), approval_policy=policy)
    assert thread.run("touch").status == "completed"
    assert ("declined item/commandExecution/requestApproval" in caplog.text) is asks
    assert list(home.work.iterdir()) == []
