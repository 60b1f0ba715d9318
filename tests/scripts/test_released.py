"""A `release.json` is read alike by all who need it."""

import pytest

from sdk_artifacts.commands.digests import digests
from sdk_artifacts.commands.report import report
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.publication import load_publication
from sdk_artifacts.released import RECORD_NAME

READERS = {
    "digests": digests,
    "publish": load_publication,
    "report": lambda dist: report(
        dist,
        out=dist / "page.html",
        history=dist / "history",
        record=False,
        figures=dist / "figures",
        summary_to=None,
    ),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("record", "told"),
    [
        (None, "does not exist"),
        ("{", "is no record of a release"),
        ("[]", "is no record of a release"),
        ('{"schema": 2, "version": "1.2.3"}', "is no record of a release"),
        ('{"schema": 1, "whatever": "it had"}', "key `schema`: 1 is not 2"),
        ('{"schema": 3}', "key `schema`: 3 is not 2"),
    ],
)
def test_without_a_record_that_can_be_read_it_is_said_why_and_how_to_make_one(read, record, told, tmp_path):
    if record is not None:
        (tmp_path / RECORD_NAME).write_text(record)
    with pytest.raises(UsageProblem, match=told) as raised:
        read(tmp_path)
    assert raised.value.fix == f"Make it: python scripts/update_sdk_artifacts.py release --out {tmp_path}"
