"""The live view, drawn into memory; how it looks on a terminal is in the tests on the real server."""

import io
from contextlib import ExitStack

import pytest
from rich.console import Console

from codex_app_server._item_views import ItemViews
from codex_app_server._live import LiveView
from sdk.test_item_views import TURN_STARTED, completed, delta, events_of, item, started

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"


class Played:
    """A turn that is played from these lines, and acts where a function stands among them."""

    def __init__(self, *steps):
        self._steps = steps

    def events(self, **_):
        views = ItemViews()
        for step in self._steps:
            if callable(step):
                step()
            else:
                yield from (view for each in events_of(step) if (view := views.take(each)) is not None)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)


def test_what_is_finished_stays_and_the_cursor_comes_back(console):
    LiveView(console).follow(Played(TURN_STARTED, started(), delta("t", "Hello"), item("t", "Hello **you**")))
    shown = console.file.getvalue()
    assert "Hello \x1b[1myou\x1b[0m" in shown
    assert shown.rindex(SHOW_CURSOR) > shown.rindex(HIDE_CURSOR)


def test_what_an_interrupted_turn_leaves_unfinished_stays_too(console):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LiveView(console).follow(Played(started(), delta("t", "half a thou"), interrupt))
    assert "half a thou" in console.file.getvalue().rpartition("\x1b[2K")[2]


def test_a_pause_gives_the_terminal_away(console):
    view = LiveView(console)

    def ask():
        with view.pause():
            paused = console.file.getvalue()
            assert paused.rindex(SHOW_CURSOR) > paused.rindex(HIDE_CURSOR)
        resumed = console.file.getvalue()
        assert resumed.rindex(HIDE_CURSOR) > resumed.rindex(SHOW_CURSOR)

    view.follow(Played(started(), ask, item("t", "done")))


def test_a_pause_that_outlives_the_turn_leaves_the_cursor_alone(console):
    view, pauses = LiveView(console), ExitStack()
    view.follow(Played(started(), lambda: pauses.enter_context(view.pause()), item("t", "done")))
    pauses.close()
    with view.pause():
        pass
    shown = console.file.getvalue()
    assert shown.rindex(SHOW_CURSOR) > shown.rindex(HIDE_CURSOR)


def test_long_output_is_cut_to_its_end(console):
    output = "".join(f"line {number}\n" for number in range(100))
    command = {"type": "commandExecution", "command": "ls", "commandActions": [], "cwd": "/", "status": "completed"}
    LiveView(console).follow(Played(TURN_STARTED, completed(**command, aggregatedOutput=output)))
    shown = console.file.getvalue()
    assert "line 99" in shown
    assert "line 79" not in shown
