"""`report`: a release as a page and as Markdown, without a browser."""

import json
from html.parser import HTMLParser

import msgspec
import pytest

import release_records
from sdk_artifacts import cli, paths
from sdk_artifacts.commands.report import report
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.report import html, percent, size
from sdk_artifacts.report.charts import HEIGHT, WIDTH, bars, line
from sdk_artifacts.report.summary import summary
from sdk_artifacts.report.view import entry_of, view_of
from sdk_artifacts.targets import known_targets

HOSTILE = "</title><script>x=1</script>{{ 7*7 }}\"'`|<img src=x onerror=x>\n## [a](http://b) &amp;"


class Page(HTMLParser):
    """What a page says: its tags with their attributes, and its text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.ids = [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def every(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def view(record=None, *, history=()):
    record = record or release_records.release()
    return view_of(record, history=[*history, entry_of(record, {})], targets=known_targets())


@pytest.fixture
def make(tmp_path):
    """Report on a release into `report.html`; gives its text."""

    def make(released=None, **more):
        dist = release_records.write(tmp_path / "dist", released or release_records.release())
        given = {"history": tmp_path / "history", "record": False, "figures": tmp_path / "figures", "summary_to": None}
        report(dist, out=tmp_path / "report.html", **given | more)
        return (tmp_path / "report.html").read_text()

    return make


def test_every_file_is_there_with_its_digest_tags_and_size(make):
    text = Page(make()).text
    record = release_records.release()
    for file in (*record.wheels, *record.sdk):
        assert file.name in text
        assert file.sha256 in text
    assert all(tag in text for wheel in record.wheels for tag in wheel.tags)
    assert text.count("150 MiB") >= len(record.wheels)
    assert "glibc 2.17 or newer, x86_64" in text
    assert "codex --version" in text


def test_every_target_has_its_name_in_words():
    titles = {file.title for file in view().wheels}
    assert {"Linux x86_64", "macOS aarch64", "Windows aarch64", "Linux aarch64, any-libc"} <= titles


def test_a_target_that_nobody_knows_any_more_keeps_its_own_name():
    record = release_records.release()
    gone = msgspec.structs.replace(record.wheels[0], target="mips-plan9", tags=("plan9_mips",))
    assert "mips-plan9" in Page(html(view(msgspec.structs.replace(record, wheels=(gone,))))).text


def test_nothing_outside_is_needed(make):
    page = Page(make())
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "img"}
    links = [attributes.get("href", "") for _, attributes in page.tags if "href" in attributes]
    assert links
    assert all(link.startswith("#") for link in links)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)


def test_hostile_words_stay_words(make, tmp_path):
    hostile = release_records.release(text=HOSTILE)
    page, plain = Page(make(hostile, summary_to=tmp_path / "summary.md")), Page(make())
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in plain.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert HOSTILE in page.text
    markdown = (tmp_path / "summary.md").read_text()
    assert "<script" not in markdown
    assert "[a]" not in markdown
    rows = [row for row in markdown.splitlines() if row.startswith("| ") and "---" not in row]
    assert {row.count("|") for row in rows} == {7}


def test_an_incomplete_release_says_what_is_missing(make):
    record = msgspec.structs.replace(
        release_records.release(), complete=False, missing=("gone.whl",), wheels=(), sdk=(), trial=None, turn=None
    )
    text = Page(make(record)).text
    assert "Not complete" in text
    assert "gone.whl" in text
    assert "not made: gone.whl" in summary(view(record))


def test_an_incomplete_release_is_none_of_the_history(make, tmp_path):
    record = msgspec.structs.replace(release_records.release(), complete=False)
    with pytest.raises(UsageProblem, match="is not complete: no history keeps it"):
        make(record, record=True)
    assert not (tmp_path / "history").exists()


def test_a_failed_check_shows(make):
    record = release_records.release()
    failed = msgspec.structs.replace(record.wheels[0], checks={"tags": release_records.check("no", status="failed")})
    record = msgspec.structs.replace(record, wheels=(failed, *record.wheels[1:]))
    assert any(attributes.get("aria-label") == "failed" for attributes in Page(make(record)).every("svg"))
    assert "tags FAILED" in summary(view(record))


def test_the_history_grows_by_one_release_at_a_time(make, tmp_path):
    history = tmp_path / "history"
    figures = tmp_path / "figures"
    figures.write_text(
        json.dumps({"sdk_import": {"figures": [{"what": "time of x", "value": 0.5}, {"what": "memory", "value": 1}]}})
    )
    for version in ("1.10.0", "1.9.0", "1.9.0"):
        make(release_records.release(version=version), record=True)
    lines = [json.loads(row) for row in history.read_text().splitlines()]
    assert [row["version"] for row in lines] == ["1.9.0", "1.10.0"]
    assert lines[0]["imports"] == {"time of x": 0.5}
    text = make(release_records.release(version="1.10.0", size=165 << 20))
    assert "+10 %" in text
    assert "2 releases, from 1.9.0 to 1.10.0" in Page(text).text
    assert [json.loads(row) for row in history.read_text().splitlines()] == lines  # not recorded without --record


def test_what_came_later_is_not_the_history_of_a_release(make):
    make(release_records.release(version="2.0.0"), record=True)
    assert "first release that is on record" in Page(make(release_records.release(version="1.0.0"))).text


@pytest.mark.parametrize("line", ["{", '{"version": "x", "sizes": {}}', '{"version": "1"}', "[" * 5000])
def test_a_damaged_history_is_named_by_its_line(make, tmp_path, line):
    (tmp_path / "history").write_text('{"version": "1", "sizes": {}}\n' + line)
    with pytest.raises(UsageProblem, match="history, line 2"):
        make()


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{}", "no record"), ("[" * 5000, "no record"), (None, "does not exist"), (b"\xff", "no record")],
)
def test_what_is_no_record_is_refused(make, tmp_path, content, problem):
    make()
    path = tmp_path / "dist" / "release.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageProblem, match=problem):
        report(
            tmp_path / "dist", out=tmp_path / "x", history=tmp_path / "h", record=False, figures=tmp_path / "f",
            summary_to=None,
        )  # fmt: skip


@pytest.mark.parametrize("change", [{"schema": 1}, {"version": "not one"}])
def test_a_record_of_another_kind_is_refused(make, change):
    with pytest.raises(UsageProblem):
        make(msgspec.structs.replace(release_records.release(), **change))


def test_the_command_adds_to_the_summary_of_a_github_job(tmp_path, monkeypatch, capsys):
    dist = release_records.write(tmp_path / "dist", release_records.release())
    monkeypatch.setattr(paths, "FIGURES", tmp_path / "none")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    (tmp_path / "summary").write_text("before\n")
    assert cli.main(["report", "--dist", str(dist), "--history", str(tmp_path / "history")]) == 0
    assert "report.html: codex-cli-bin 1.2.3, complete" in capsys.readouterr().out
    assert (dist / "report.html").exists()
    text = (tmp_path / "summary").read_text()
    assert text.startswith("before\n## codex-cli-bin 1.2.3: complete\n")
    assert "| Linux x86" in text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1 << 20, "1 MiB"), (150_000_000, "143.1 MiB"), (3 << 29, "1.50 GiB")],
)
def test_sizes_are_told_in_the_units_of_limits(amount, text):
    assert size(amount) == text


def test_shares_are_told_with_as_many_places_as_matter():
    assert [percent(share) for share in (1.444, 0.0991, -0.02)] == ["144 %", "9.9 %", "-2.0 %"]


def test_bars_have_one_scale_that_has_room_for_the_limit():
    small, large = bars([50, 200], 100)
    assert small.limit == large.limit
    assert (small.over, large.length - large.limit) == (0, large.over)
    assert large.length <= 1000
    assert bars([], 100) == ()
    assert bars([1], 100)[0].limit <= 1000


@pytest.mark.parametrize("values", [[1], [0, 0], [1, 1.001], [3, 1, 2], [-1, 5]])
def test_a_line_stays_in_its_drawing(values):
    points = line(values).points
    assert len(points) == len(values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True) or values != sorted(values)
