"""The methods of `tests/fake_account_server.py`, and what both halves of the tests of accounts and lists need."""

import logging
import sys
from pathlib import Path

from codex_app_server import AppServerConfig, Method

FAKE = Path(__file__).parent.parent / "fake_account_server.py"
SIGN_IN = Method("fake/sign/in", dict, dict)
KEY = "sk-SECRET-0123456789"

# What to do with a `Codex`, which method it asks, and for what on the first page.
LISTS = {
    "threads": (lambda codex, **options: codex.threads(archived=True, **options), "thread/list", {"archived": True}),
    "all_models": (
        lambda codex, **options: codex.all_models(include_hidden=True, **options),
        "model/list",
        {"includeHidden": True},
    ),
    "turns": (
        lambda codex, **options: codex.thread("h").turns(**options),
        "thread/turns/list",
        {"threadId": "h", "sortDirection": "asc", "itemsView": "full"},
    ),
    "items": (
        lambda codex, **options: codex.thread("h").items(turn_id="t", **options),
        "thread/items/list",
        {"threadId": "h", "sortDirection": "asc", "turnId": "t"},
    ),
}


def account_config(*flags, **options):
    """A configuration for that server."""
    return AppServerConfig(launch_args_override=[sys.executable, str(FAKE), *flags], **options)


def loudly(caplog):
    """Have every logger there is say all it can."""
    caplog.set_level(1)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(1, logger=name)


def shown(caplog, *values):
    """All that was logged, and how `values` look."""
    return "\n".join([*(str(vars(record)) + record.getMessage() for record in caplog.records), *map(repr, values)])
