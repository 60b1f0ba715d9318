from pathlib import Path

import pytest

from codex_app_server import ImageInput, LocalImageInput, MentionInput, SkillInput, TextInput, UsageError
from codex_app_server.inputs import to_wire

TEXT = {"type": "text", "text": "hi"}

PICTURE, SKILL = (str(Path.cwd() / name) for name in ("b.png", "SKILL.md"))


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("hi", [TEXT]),
        (TextInput("hi"), [TEXT]),
        (["hi", TextInput("hi"), TEXT], [TEXT, TEXT, TEXT]),
        (("hi",), [TEXT]),
        (TEXT, [TEXT]),
        ({"type": "new", "x": 1}, [{"type": "new", "x": 1}]),
        (ImageInput("https://x/y.png"), [{"type": "image", "url": "https://x/y.png"}]),
        (
            ImageInput("data:image/png;base64,AA", "low"),
            [{"type": "image", "url": "data:image/png;base64,AA", "detail": "low"}],
        ),
        (LocalImageInput(PICTURE), [{"type": "localImage", "path": PICTURE}]),
        (
            LocalImageInput(Path("b.png"), "high"),
            [{"type": "localImage", "path": str(Path.cwd() / "b.png"), "detail": "high"}],
        ),
        (SkillInput("s", Path(SKILL)), [{"type": "skill", "name": "s", "path": SKILL}]),
        (MentionInput("m", "app://m"), [{"type": "mention", "name": "m", "path": "app://m"}]),
    ],
)
def test_every_kind_of_input_has_its_wire_form(given, wire):
    assert to_wire(given) == wire


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ([], "give at least one item"),
        (None, "NoneType is no input; write a str"),
        (b"hi", "bytes is no input"),
        (["hi", None], "NoneType is no input"),
        ([["hi"]], "one flat list"),
        ({"text": "hi"}, r"keys \['text'\] is no input; write {'type': 'text'"),
        ([TextInput("hi"), {"text": "hi"}], "write {'type': 'text'"),
        (Path("x.png"), r"LocalImageInput\('x.png'\)"),
        (ImageInput("x.png"), r"write LocalImageInput\('x.png'\)"),
        (LocalImageInput("https://x/y.png"), r"write ImageInput\("),
    ],
)
def test_what_cannot_be_meant_so_is_refused_with_what_to_write(given, advice):
    with pytest.raises(UsageError, match=advice):
        to_wire(given)
