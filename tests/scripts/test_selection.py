"""Which files ship, and the one license expression over all of them."""

import pytest
from packaging.licenses import canonicalize_license_expression

from sdk_artifacts.payload.selection import license_expression, required, ships
from sdk_artifacts.targets import known_targets


@pytest.mark.parametrize(
    ("expressions", "joined"),
    [
        (["MIT"], "MIT"),
        (["MIT", "MIT"], "MIT"),
        (["MIT AND Zlib", "Zlib", "ISC"], "MIT AND Zlib AND ISC"),
        (["Apache-2.0", "MIT OR Unlicense"], "Apache-2.0 AND (MIT OR Unlicense)"),
        (["MIT OR Unlicense"], "(MIT OR Unlicense)"),
        (["MIT OR Unlicense", "Zlib", "(MIT OR Unlicense) AND Zlib"], "(MIT OR Unlicense) AND Zlib"),
        (["MIT AND Zlib OR ISC", "BSD-2-Clause"], "(MIT AND Zlib OR ISC) AND BSD-2-Clause"),
        (["Apache-2.0 WITH LLVM-exception", "MIT"], "Apache-2.0 WITH LLVM-exception AND MIT"),
    ],
)
def test_expressions_are_joined_by_and_without_changing_their_sense(expressions: list[str], joined: str) -> None:
    assert license_expression(expressions) == joined
    assert canonicalize_license_expression(joined) == joined


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
