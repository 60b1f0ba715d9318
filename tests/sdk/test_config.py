import pickle

import pytest

from codex_app_server import AppServerConfig, UsageError
from codex_app_server.config import choose_seconds


@pytest.mark.parametrize("name", ["launch_args_override", "config_overrides", "opt_out_notifications"])
def test_a_text_where_a_list_belongs_is_refused(name):
    with pytest.raises(UsageError, match=f"{name} is a text, 'codex --help'; write a list"):
        AppServerConfig(**{name: "codex --help"})


def test_an_empty_command_line_is_refused():
    with pytest.raises(UsageError, match="launch_args_override is empty"):
        AppServerConfig(launch_args_override=[])


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), "5"])
@pytest.mark.parametrize("name", ["start", "request", "turn", "idle", "close"])
def test_a_deadline_that_is_none_is_refused(name, seconds):
    with pytest.raises(UsageError, match=f"{name}_timeout_seconds is .*; give seconds, or None"):
        AppServerConfig(**{f"{name}_timeout_seconds": seconds})


def test_a_call_overrides_the_deadline():
    assert choose_seconds(..., 5.0) == 5.0
    assert choose_seconds(None, 5.0) is None
    assert choose_seconds(0, 5.0) == 0
    with pytest.raises(UsageError):
        choose_seconds(-1, 5.0)


def test_what_may_be_secret_is_not_shown():
    for config in (
        AppServerConfig(env={"KEY": "hunter2"}),
        AppServerConfig(config_overrides={"model_providers.x.experimental_bearer_token": "hunter2"}),
        AppServerConfig(launch_args_override=["codex", "--key", "hunter2"]),
        AppServerConfig(url="ws://localhost:1", auth_token="hunter2"),
    ):
        assert "hunter2" not in repr(config)
        assert "hunter2" not in repr(dict(config.__rich_repr__()))  # what rich shows, and its tracebacks with locals


def test_a_configuration_is_a_value():
    assert pickle.loads(pickle.dumps(AppServerConfig(cwd="/x"))) == AppServerConfig(cwd="/x")
