"""The same stage gives the same bytes, whoever builds it and wherever."""

import os
import struct
import subprocess
import zipfile

import pytest

from .stages import PAYLOAD, WHEEL, build_wheel, make_stage

FRONTENDS = {
    "build": ("{python}", "-m", "build", "-w", "-n", "-x", "-o", "{out}", "{stage}"),
    "pip": ("{python}", "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", "{out}", "{stage}"),
    "uv": ("{uv}", "build", "--wheel", "--no-build-isolation", "--python", "{python}", "-o", "{out}", "{stage}"),
}


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_every_frontend_on_every_python_gives_the_same_bytes(frontend, python, wheel, uv, tmp_path):
    stage, out = make_stage(tmp_path / "a stage", dict(reversed(PAYLOAD.items()))), tmp_path / "out"
    for path in stage.rglob("*"):  # another age, and what an unpacking under another umask leaves
        path.chmod(0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    words = {"python": python, "uv": uv, "out": out, "stage": stage}
    command = [word.format_map(words) for word in FRONTENDS[frontend]]
    elsewhere = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "7",
    }
    done = subprocess.run(
        command, cwd="/", env={**os.environ, **elsewhere}, umask=0o077, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in out.iterdir() if path.name != ".gitignore"] == [WHEEL]  # uv adds that one
    assert (out / WHEEL).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize(
    ("epoch", "date"),
    [
        ("1700000001", (2023, 11, 14, 22, 13, 20)),
        ("0", (1980, 1, 1, 0, 0, 0)),
        ("99999999999", (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_every_member_has_the_date_of_source_date_epoch_as_far_as_a_zip_can_say_it(epoch, date, tmp_path):
    wheel = build_wheel(make_stage(tmp_path / "stage"), tmp_path / "out", SOURCE_DATE_EPOCH=epoch)
    with zipfile.ZipFile(wheel) as archive:
        assert {member.date_time for member in archive.infolist()} == {date}


def test_compression_small_gives_fewer_bytes_of_the_same_members(tmp_path):
    text = b"".join(b"%d bottles of beer on the wall\n" % number for number in range(9999, 0, -1))
    stage = make_stage(tmp_path / "stage", {**PAYLOAD, "bin/codex": (text, "0755")})
    fast = build_wheel(stage, tmp_path / "fast", "-C", "compression=fast")
    small = build_wheel(stage, tmp_path / "small", "-C", "compression=small")
    assert fast.read_bytes() == build_wheel(stage, tmp_path / "default").read_bytes()
    assert small.stat().st_size < fast.stat().st_size
    with zipfile.ZipFile(fast) as one, zipfile.ZipFile(small) as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())


def test_both_headers_of_a_member_agree_and_nothing_lies_between_members(wheel):
    data, end = wheel.read_bytes(), 0
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            assert member.header_offset == end
            fields = struct.unpack_from("<4s5H3I2H", data, member.header_offset)
            assert fields[:4] == (b"PK\3\4", 20, member.flag_bits, member.compress_type)
            assert fields[6:] == (member.CRC, member.compress_size, member.file_size, len(member.filename.encode()), 0)
            end += 30 + len(member.filename.encode()) + member.compress_size
        assert archive.start_dir == end
        assert archive.comment == b""
    assert data.endswith(struct.pack("<IH", end, 0))


def test_a_cache_gives_the_same_bytes_and_is_used_for_the_next_wheel(tmp_path):
    text = b"".join(b"%d bottles of beer on the wall\n" % number for number in range(60_000))
    stage, cache = make_stage(tmp_path / "stage", {**PAYLOAD, "bin/codex": (text, "0755")}), tmp_path / "cache"
    cache.mkdir()
    plain = build_wheel(stage, tmp_path / "plain").read_bytes()
    first = build_wheel(stage, tmp_path / "first", "-C", f"cache={cache}").read_bytes()
    (kept,) = cache.iterdir()
    second = build_wheel(stage, tmp_path / "second", "-C", f"cache={cache}").read_bytes()
    assert first == second == plain
    kept.write_bytes(b"other bytes")
    assert b"other bytes" in build_wheel(stage, tmp_path / "third", "-C", f"cache={cache}").read_bytes()
