"""Which files ship."""

from sdk_artifacts.payload.selection import required, ships
from sdk_artifacts.targets import known_targets


def test_a_wheel_ships_its_components_and_nothing_withheld() -> None:
    target = known_targets()["aarch64-unknown-linux-musl"]
    glibc, anywhere = target.wheel("glibc"), target.wheel("any-libc")
    for path, by_glibc, by_anywhere in (
        ("bin/codex", True, True),
        ("codex-path/rg", True, False),
        ("codex-resources/voice/manifest.json", False, False),
        ("unheard/of", False, False),
    ):
        assert (ships(target, glibc, path), ships(target, anywhere, path)) == (by_glibc, by_anywhere), path
    assert set(required(target, glibc)) - set(required(target, anywhere)) == {"codex-path/rg"}
