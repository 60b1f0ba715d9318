"""A page of an index as HTML: what is an anchor, what hides one, and pages that are made to take long."""

import json
import time

import pytest

from sdk_artifacts.errors import NetworkFailed
from sdk_artifacts.index.pages import (
    _FILES_MAX,
    ACCEPT,
    HTML_TYPES,
    JSON_TYPE,
    IndexedFile,
    Project,
    parse_page,
)
from sdk_artifacts.registry.urls import step

DIGEST = "0123456789abcdef" * 4


def html(text):
    return parse_page("a", text.encode(), f"{HTML_TYPES[1]}; charset=utf-8").files


@pytest.mark.parametrize(
    "anchor",
    [
        f'<a href="../x-1.tar.gz#sha256={DIGEST}" data-yanked="why">x</a>',
        f"<A HREF='../x-1.tar.gz#sha256={DIGEST}'\n data-yanked='why' >x</A>",
        f"<a data-yanked=why rel=internal href=../x-1.tar.gz#sha256={DIGEST}>x",
        f'<a class="<b>" href = "&#x2e;./x&#45;1.tar.gz#sha256={DIGEST}" data-yanked = why />',
    ],
)
def test_an_anchor_may_be_spelled_in_many_ways(anchor):
    (file,) = html(f"<!DOCTYPE html><body>{anchor}<br></body>").values()
    assert (file.name, file.url, file.sha256, file.yanked) == ("x-1.tar.gz", "../x-1.tar.gz", DIGEST, "why")


@pytest.mark.parametrize(
    ("anchor", "metadata", "yanked"),
    [
        ('<a href="x-1.tar.gz">', False, None),
        ('<a href="x-1.tar.gz" data-yanked>', False, ""),
        ('<a href="x-1.tar.gz" data-core-metadata>', True, None),
        ('<a href="x-1.tar.gz" data-dist-info-metadata="true">', True, None),
    ],
)
def test_what_an_anchor_says_of_its_file(anchor, metadata, yanked):
    (file,) = html(anchor).values()
    assert (file.metadata, file.yanked, file.sha256) == (metadata, yanked, None)


@pytest.mark.parametrize(
    "text",
    [
        '<!-- <a href="x-1.tar.gz"> -->',
        '<!-- <a href="x-1.tar.gz">',
        "<script>'<a href=\"x-1.tar.gz\">'</script>",
        '<abbr href="x-1.tar.gz">',
        '<a href="x-1.tar.gz"',
        '<a href="http://[x-1.tar.gz">',
        f'<a href="x-1.tar.gz&#{"9" * 5000};">',
        "<a>",
    ],
)
def test_what_is_no_anchor_or_leads_nowhere_is_left_out(text):
    assert html(text) == {}
    assert list(html(f'<a href="y-1.tar.gz">{text}')) == ["y-1.tar.gz"]


def test_another_digest_than_sha256_is_none():
    (file,) = html(f'<a href="x-1.tar.gz#sha512={DIGEST}">').values()
    assert file.sha256 is None


@pytest.mark.parametrize("piece", ["<a ", '<a href="', "<a x=y", "<!--", "<![", "</a", "<script>", "&#", "<a a='"])
def test_the_time_is_in_proportion_to_the_page(piece):
    started = time.process_time()
    assert html(piece * 100_000) == {}
    assert time.process_time() - started < 5


def test_json_says_what_html_cannot():
    body = b'{"meta":{"api-version":"1.0"},"files":[{"filename":"x-1.tar.gz","url":"u","size":-1,"upload-time":"%s"}]}'
    times = {b"": None, b"never": None, b"2026-01-01T00:00:00": "2026-01-01T00:00:00+00:00"}
    for text, moment in times.items():
        (file,) = parse_page("a", body % text, JSON_TYPE).files.values()
        assert (file.size, file.uploaded and file.uploaded.isoformat()) == (None, moment)


@pytest.mark.parametrize(
    ("fields", "size", "yanked", "metadata"),
    [
        ({}, None, None, False),
        ({"size": 0, "yanked": False, "core-metadata": False}, 0, None, False),
        ({"size": 1, "yanked": True, "core-metadata": True}, 1, "", True),
        ({"yanked": "why", "core-metadata": {"sha256": DIGEST}}, None, "why", True),
    ],
)
def test_what_json_says_of_a_file(fields, size, yanked, metadata):
    page = {"meta": {"api-version": "1.0"}, "files": [{"filename": "x-1.tar.gz", "url": "u", **fields}]}
    project = parse_page("a", json.dumps(page).encode(), JSON_TYPE)
    assert project == Project("a", {"x-1.tar.gz": IndexedFile("x-1.tar.gz", "u", None, size, None, yanked, metadata)})
    assert project.exists is True


def test_of_what_a_page_does_not_say_the_least_is_taken():
    assert IndexedFile("x-1.tar.gz", "u").metadata is False


@pytest.mark.parametrize("before", [b"\xff", b"<!-- <a> -->", b'<a href="http://[x">', b"<script></script>"])
def test_an_anchor_counts_whatever_comes_before_it(before):
    body = before + b'<a href="x-1.tar.gz">'
    for kind in ("application/vnd.pypi.simple.v1+html", "Text/HTML"):
        assert [*parse_page("a", body, kind).files] == ["x-1.tar.gz"]


def test_json_is_asked_for_before_html():
    html_types = "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
    assert f"application/vnd.pypi.simple.v1+json, {html_types}" == ACCEPT


def test_a_page_of_more_files_than_any_index_has_is_refused(monkeypatch):
    assert _FILES_MAX == 200_000
    monkeypatch.setattr("sdk_artifacts.index.pages._FILES_MAX", 2)
    assert len(html('<a href="x-1.whl"><a href="x-2.whl">')) == 2
    with pytest.raises(NetworkFailed, match="it lists 3 files") as caught:
        html('<a href="x-1.whl"><a href="x-2.whl"><a href="x-2.whl">')
    assert caught.value.fix.startswith("Give the address that pip would install from (--index-url), often one")


@pytest.mark.parametrize("link", ["http://[x", "https://[::1", "//[v/"])
def test_a_link_that_is_no_address_is_refused(link):
    with pytest.raises(NetworkFailed, match=r"https://h/simple/ leads to .*, which is no address"):
        step("https://h/simple/", link)
