"""The figures that are told are those that were measured, and the gate tells a regression from noise."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from benchmarks import __main__ as runner
from benchmarks import documents, plots, record
from benchmarks.gate import LEAST_TOLERANCE, limit, regressions
from benchmarks.measure import Effort, Figure, amount, ratio

from sdk_artifacts import paths

RATIO = Figure("a.b", "this", "that", 1.0, 0.97, 1.02, 5, reach=1.1)
SVG = "{http://www.w3.org/2000/svg}"
# A claim that a number makes, in words that only a measurement can back; the mark of a quote would stand between.
CLAIM = re.compile(
    r"\b\d+(?:\.\d+)?\s?(?:\u00d7|times|%) (?:as|faster|slower|less|smaller|cheaper|the time|the memory)\b"
)


@pytest.fixture(scope="module")
def committed():
    return record.load_record()


def test_every_document_and_plot_has_the_figures_that_were_measured(committed):
    stale = [
        path.name
        for path, text in documents.rendered(committed).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python3 scripts/dev.py bench --render"


def test_no_plot_is_left_of_what_is_no_longer_measured(committed):
    assert set(documents.PLOTS.glob("*")) <= documents.rendered(committed).keys()


def test_every_benchmark_has_its_figures(committed):
    assert sorted(committed) == sorted(runner.BENCHMARKS)
    assert all(key.partition(".")[0] in runner.BENCHMARKS for key in record.figures_of(committed))


def test_every_benchmark_is_explained():
    text = documents.README.read_text(encoding="utf-8")
    assert [name for name in runner.BENCHMARKS if f"| `{name}` |" not in text] == []
    page = documents.TEMPLATE.read_text(encoding="utf-8")
    assert [name for name in runner.BENCHMARKS if name not in page] == []


def test_no_claim_goes_without_its_figure():
    claims = [f"{path.name}: {m[0]}" for path in documents.quoting() for m in CLAIM.finditer(path.read_text("utf-8"))]
    assert claims == []


def test_the_record_tells_what_kind_of_machine_it_was_and_not_which(committed):
    for entry in committed.values():
        assert entry["machine"].keys() == {"processor", "processors", "memory_gib", "system", "python"}
    text = record.FIGURES.read_text(encoding="utf-8")
    assert str(paths.REPOSITORY) not in text
    assert "/home/" not in text


def test_a_quote_is_made_equal_to_its_figure(committed):
    key, figure = next(iter(record.figures_of(committed).items()))
    mark = f"<!--figure {key}-->"
    assert documents._quoted(f"9.99{mark}", {key: figure}) == documents.shown(figure) + mark  # noqa: SLF001


def test_a_quote_of_nothing_is_refused():
    with pytest.raises(documents.UnknownFigure, match=r"no\.such"):
        documents._quoted("1<!--figure no.such-->", {})  # noqa: SLF001 - the documents themselves have none


def test_a_figure_survives_the_record(tmp_path):
    path = tmp_path / "figures.json"
    curve = replace(RATIO, reach=None, at=10.0)
    record.update_record("a", [RATIO, curve], {"rows": [1]}, path)
    assert record.figures_of(record.load_record(path)) == {"a.b": RATIO, "a.b@10": curve}
    assert record.load_record(path)["a"]["rows"] == [1]
    record.update_record("a", [curve], {}, path)
    assert list(record.figures_of(record.load_record(path))) == ["a.b@10"]


def test_a_ratio_within_its_spread_is_no_regression():
    measured = replace(RATIO, value=1 + LEAST_TOLERANCE, lowest=1.05)
    assert regressions([measured], {"a.b": RATIO}, same_machine=True) == []


def test_a_ratio_beyond_its_spread_is_a_regression():
    measured = replace(RATIO, value=1.3, lowest=1.25)
    assert [each for each, _ in regressions([measured], {"a.b": RATIO}, same_machine=True)] == [measured]


def test_one_bad_round_is_no_regression():
    measured = replace(RATIO, value=1.3, lowest=0.98)
    assert regressions([measured], {"a.b": RATIO}, same_machine=True) == []


def test_what_was_uncertain_has_more_room_and_so_has_another_machine():
    wide = replace(RATIO, highest=1.3)
    assert limit(wide, same_machine=True) == pytest.approx(1.6)
    assert limit(RATIO, same_machine=False) > limit(RATIO, same_machine=True)


def test_amounts_and_new_figures_are_not_judged():
    slow = replace(RATIO, value=9.0, lowest=9.0)
    assert regressions([replace(slow, unit=" ms")], {"a.b": RATIO}, same_machine=True) == []
    assert regressions([slow], {}, same_machine=True) == []


def test_a_ratio_is_that_of_the_medians_and_its_spread_that_of_neighbours():
    figure = ratio("a.b", "this", "that", [1, 2, 30], [2, 2, 2])
    assert (figure.value, figure.lowest, figure.highest, figure.rounds) == (1.0, 0.5, 15.0, 3)
    assert amount("a.c", "this", "that", [3, 1, 2], " s", reach=2).reached


def test_a_first_look_takes_the_cheap_half_of_a_curve():
    assert Effort(quick=True).points(1, 2, 3, 4, 5) == (1, 2, 3)
    assert Effort().points(1, 2) == (1, 2)
    assert Effort(quick=True).rounds(9) == 2


def test_a_plot_shows_every_point_with_its_spread_in_light_and_dark():
    line = [replace(RATIO, at=at, value=at / 10, lowest=at / 20, highest=at / 5) for at in (1.0, 10.0, 100.0)]
    text = plots.curves("<title>", "turns", {"sync": line, "async": line})
    drawing = ET.fromstring(text)
    assert len(drawing.findall(f"{SVG}circle")) == 6
    upright = [each for each in drawing.findall(f"{SVG}path") if re.match(r"M[\d.]+ [\d.]+V", each.get("d"))]
    assert len(upright) == 6
    assert "prefers-color-scheme:dark" in text
    assert all(0 <= float(each.get("x")) <= plots.WIDTH for each in drawing.findall(f"{SVG}text"))


def test_a_dot_stands_where_its_value_is():
    better, worse = replace(RATIO, value=0.1, lowest=0.1), replace(RATIO, value=3.0, highest=3.0)
    drawing = ET.fromstring(plots.dots("all", [better, RATIO, worse]))
    places = [float(each.get("cx")) for each in drawing.findall(f"{SVG}circle")]
    assert places == sorted(places)
    assert 0 < places[0] < places[2] < plots.WIDTH


def test_a_misspelt_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        runner.main(["wheel_biuld"])
    assert ended.value.code == 2
    assert "no benchmark wheel_biuld" in capsys.readouterr().err
