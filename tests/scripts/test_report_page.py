"""The report in headless Chromium: on a desk and on a phone, light and dark, by keyboard and by screen reader."""

import base64
import itertools

import pytest

import release_records
from chromium import Absent, chromium
from sdk_artifacts.history import Entry
from sdk_artifacts.report import html
from sdk_artifacts.report.view import entry_of, view_of
from sdk_artifacts.targets import known_targets

pytestmark = pytest.mark.browser

WIDE, PHONE = 1280, 360
SCREENS = [(width, scheme) for width in (WIDE, PHONE) for scheme in ("light", "dark")]
LONG = "<b onclick=hacked=1>" + "unbroken" * 40 + "<script>hacked=1</script>"

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
WIDER_THAN_THE_SCREEN = """
[...document.querySelectorAll('body *')]
  .filter(each => !each.closest('.scroll, svg') && each.getBoundingClientRect().right > innerWidth + 0.5)
  .map(each => each.outerHTML.slice(0, 120))
"""
# Each text on screen whose contrast with what is behind it is less than WCAG 2 AA asks for.
POOR_CONTRAST = """
(() => {
  const parts = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = text => {
    const [r, g, b] = parts(text).map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((parts(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, style = getComputedStyle(element);
    if (!texts.currentNode.data.trim() || !element.getClientRects().length || element.closest('title')) continue;
    const [one, other] = [light(style.color), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push([ratio.toFixed(2), texts.currentNode.data.trim().slice(0, 40)]);
  }
  return poor;
})()
"""


@pytest.fixture(scope="module")
def browser():
    try:
        with chromium() as running:
            yield running
    except Absent as reason:
        pytest.skip(str(reason))


def page(directory, *, text):
    record = release_records.release(text=text)
    now = entry_of(record, {"time of an import": 0.07})
    sizes = {key: size * 9 // 10 for key, size in now.sizes.items()}
    history = [Entry("1.0.0", sizes, {"time of an import": 0.08}), now]
    path = directory / "report.html"
    path.write_text(html(view_of(record, history=history, targets=known_targets())), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return page(tmp_path_factory.mktemp("plain"), text="as it should be")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return page(tmp_path_factory.mktemp("hostile"), text=LONG)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_is_wider_than_the_screen_and_every_text_can_be_read(browser, hostile, width, scheme):
    browser.open(hostile, width=width, scheme=scheme)
    browser.value(OPEN_ALL)
    assert browser.value("[innerWidth, document.documentElement.scrollWidth]") == [width, width]
    assert browser.value(WIDER_THAN_THE_SCREEN) == []
    assert browser.value(POOR_CONTRAST) == []


def test_the_measure_of_contrast_finds_what_is_poor(browser, plain):
    browser.open(plain)
    browser.value("document.querySelector('h1').style.color = '#bbb'")
    assert browser.value(POOR_CONTRAST)


def test_the_schemes_differ_and_are_what_they_say(browser, plain):
    backgrounds = []
    for scheme in ("light", "dark"):
        browser.open(plain, scheme=scheme)
        text = browser.value("getComputedStyle(document.body).backgroundColor")
        backgrounds.append(sum(int(part) for part in text.strip("rgb()").split(",")))
    assert backgrounds[0] > 3 * 200
    assert backgrounds[1] < 3 * 50


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_there_is_something_to_see(browser, plain, tmp_path, width, scheme):
    """The picture is kept for whoever wants to look: it stays in pytest's directory."""
    browser.open(plain, width=width, scheme=scheme)
    browser.picture(tmp_path / "report.png")
    drawn = browser.call("Page.captureScreenshot", format="jpeg", quality=50)["data"]
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    assert len(base64.b64decode(drawn)) > 10_000  # one colour alone would be far less
    bars = browser.value("[...document.querySelectorAll('.bar rect')].map(each => each.getBoundingClientRect().width)")
    assert max(bars) > 20


def test_a_screen_reader_is_told_everything(browser, plain):
    browser.open(plain)
    browser.value(OPEN_ALL)
    told = browser.accessible()
    roles = {role for role, _ in told}
    assert {"banner", "navigation", "main", "contentinfo", "article", "region"} <= roles
    for role in ("table", "image", "region", "article", "navigation", "link"):
        names = [name for each, name in told if each == role]
        assert names, role
        assert all(name.strip() for name in names), role
    assert ("image", "passed") in told
    assert ("image", "150 % of the limit") in told
    assert any(role == "image" and name.startswith("Linux x86_64: 1.0.0 135 MiB, 1.2.3 150 MiB") for role, name in told)
    assert ("columnheader", "File") in told
    assert ("rowheader", "Linux x86_64") in told


def test_headings_descend_without_a_gap(browser, plain):
    browser.open(plain)
    levels = browser.value("[...document.querySelectorAll('h1, h2, h3')].map(each => +each.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level - before <= 1 for before, level in itertools.pairwise(levels))


def test_the_keyboard_is_enough(browser, plain):
    browser.open(plain)
    browser.press("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    assert browser.value("document.activeElement.getBoundingClientRect().top") >= 0
    browser.press("Enter")
    assert browser.value("document.activeElement.id") == "content"
    browser.value("document.querySelector('.card summary').focus()")
    browser.press("Enter")
    assert browser.value("document.querySelector('.card details').open")


def test_hostile_words_do_nothing(browser, hostile):
    browser.open(hostile)
    assert browser.value("typeof hacked") == "undefined"
    assert browser.value("document.querySelectorAll('script, b').length") == 0
    assert browser.value("document.body.innerText.includes('<script>hacked=1</script>')")
    assert [event for event in browser.events if event.get("method") == "Log.entryAdded"] == []
