"""What the SDK says to a program's log."""

import logging
import subprocess
import sys

from codex_app_server import AppServerClient, AsyncAppServerClient, Codex
from sdk.conftest import FAKE
from sdk.fake_methods import ECHO, ENVIRONMENT, WRITE
from sdk.fake_turns import wish

SECRET = "sk-SECRET"
GARBAGE = {"chunks": [f"{SECRET} is no JSON\n".encode().hex()]}
# Each of these lines would be a warning, which Python writes to stderr when nobody has said where it should go.
UNHEARD = f"""
import sys
from codex_app_server import AppServerClient, AppServerConfig, Method
config = AppServerConfig(launch_args_override=[sys.executable, {str(FAKE)!r}, "--garbage"])
with AppServerClient(config) as client:
    client.request(Method("fake/write", dict, dict), {GARBAGE!r})
"""


def test_a_program_that_has_no_log_is_told_nothing():
    done = subprocess.run([sys.executable, "-c", UNHEARD], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def all_told(caplog):
    return "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)


def test_no_level_shows_what_is_sent_received_or_configured(config, caplog):
    caplog.set_level(logging.DEBUG)
    secretive = config("--garbage", env={"OPENAI_API_KEY": SECRET}, config_overrides={"api_key": SECRET})
    with AppServerClient(secretive) as client:
        client.request(WRITE, GARBAGE)
        assert client.request(ECHO, {"key": SECRET})["key"] == SECRET
        client.request(ENVIRONMENT)
    with Codex(secretive) as codex:
        assert codex.thread_start(config={"api_key": SECRET}).run(wish(text=SECRET)).final_response == SECRET
    assert SECRET not in all_told(caplog)
    assert caplog.records


def test_no_level_shows_it_to_tasks_either(config, caplog, run):
    caplog.set_level(logging.DEBUG)
    secretive = config("--garbage", env={"OPENAI_API_KEY": SECRET}, config_overrides={"api_key": SECRET})

    async def main():
        async with AsyncAppServerClient(secretive) as client:
            await client.request(WRITE, GARBAGE)
            assert (await client.request(ECHO, {"key": SECRET}))["key"] == SECRET

    run(main())
    assert SECRET not in all_told(caplog)
    assert caplog.records
