"""One version, three spellings, nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.versions import RuntimeVersion

numbers = st.integers(min_value=0, max_value=999_999_999)
releases = st.tuples(numbers, numbers, numbers).map(lambda parts: ".".join(map(str, parts)))
phases = st.sampled_from([("alpha", "a"), ("beta", "b"), ("rc", "rc")])


def test_three_spellings_of_a_prerelease_are_one_version():
    spelled = {RuntimeVersion.parse(text) for text in ("rust-v0.116.0-alpha.1", "0.116.0-alpha.1", "0.116.0a1")}
    assert spelled == {RuntimeVersion("0.116.0-alpha.1", "0.116.0a1")}


@given(releases, phases, numbers)
def test_every_spelling_of_every_prerelease_agrees(release, phase, number):
    long, short = phase
    parsed = RuntimeVersion.parse(f"{release}-{long}.{number}")
    assert parsed == RuntimeVersion.parse(f"rust-v{release}-{long}.{number}") == RuntimeVersion.parse(parsed.pep440)
    assert parsed.pep440 == f"{release}{short}{number}"
    assert str(Version(parsed.pep440)) == parsed.pep440, "already the canonical PEP 440 form"


@given(releases)
def test_a_final_release_is_spelled_the_same_everywhere(release):
    assert RuntimeVersion.parse(f"rust-v{release}") == RuntimeVersion(release, release)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.3-alpha", "1.2.3-alpha1", "1.2.3-alpha.01", "1.2.3.a1",
        "1.2.3a", "1.2.3a01", "rust-v1.2.3a1", "1.2.3-dev.1", "1.2.3+local", "1.2.3.post1", " 1.2.3", "1.2.3\n",
        "latest", "1.2.3-linux-x64", "¹.2.3", "9999999999.0.0",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_to_write(text):
    with pytest.raises(UsageProblem) as caught:
        RuntimeVersion.parse(text)
    assert repr(text) in caught.value.message
    assert "0.116.0-alpha.1" in caught.value.fix


@given(st.text(max_size=20))
def test_whatever_is_accepted_is_pep_440(text):
    try:
        parsed = RuntimeVersion.parse(text)
    except UsageProblem:
        return
    try:
        assert str(Version(parsed.pep440)) == parsed.pep440
    except InvalidVersion:
        pytest.fail(f"{text!r} was accepted as {parsed!r}")
