"""SECURITY.md names tests that exist, and every promise names one."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_each_test_that_is_named_is_there():
    named = NAMED.findall(TEXT)
    assert named
    missing = []
    for path, function in named:
        source = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
        if not re.search(rf"^ *(?:async )?def {function or 'test_'}", source, re.MULTILINE):
            missing.append(f"{path}::{function}")
    assert missing == []


def test_each_promise_names_a_test():
    promises = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert promises
    assert [line for line in promises if not NAMED.search(line)] == []


def test_no_private_address_is_given():
    assert re.findall(r"\S+@\S+\.\w+", TEXT) == []
