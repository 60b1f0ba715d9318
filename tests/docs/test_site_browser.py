"""The site in headless Chromium: on a desk and on a phone, light and dark, and what it asks for."""

import pytest

from chromium import Absent, chromium
from docs.snippets import DOCS, pages

pytestmark = pytest.mark.browser

WIDE, PHONE = 1280, 360
NAMES = [page.relative_to(DOCS).with_suffix(".html").as_posix() for page in pages()]


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """No rule here: the browser outlives a test."""


@pytest.fixture(scope="module")
def browser():
    try:
        with chromium() as running:
            running.call("Network.enable")
            yield running
    except Absent as reason:
        pytest.skip(str(reason))


def asked_for(browser):
    """What the page that is open had loaded."""
    sent = [event["params"] for event in browser.events if event.get("method") == "Network.requestWillBeSent"]
    return [each["request"]["url"] for each in sent]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_phone_and_asks_for_nothing_elsewhere(browser, site, name):
    browser.open(site / name, width=PHONE, scheme="dark")
    assert browser.value("[innerWidth, document.documentElement.scrollWidth]") == [PHONE, PHONE]
    urls = asked_for(browser)
    assert len(urls) > 3
    assert [url for url in urls if not url.startswith((site.as_uri(), "data:", "blob:"))] == []


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_schemes_differ_and_are_what_they_say(browser, site, width):
    backgrounds = []
    for scheme in ("light", "dark"):
        browser.open(site / "faq.html", width=width, scheme=scheme)
        text = browser.value("getComputedStyle(document.body).backgroundColor")
        backgrounds.append(sum(int(part) for part in text.strip("rgb()").split(",")))
    assert backgrounds[0] > 3 * 200
    assert backgrounds[1] < 3 * 50


def test_code_fits_beside_the_two_columns(browser, site):
    browser.open(site / "how-to" / "approvals.html", width=WIDE)
    hidden = "[...document.querySelectorAll('pre > code')].map(each => each.scrollWidth - each.clientWidth)"
    assert max(browser.value(hidden)) == 0
