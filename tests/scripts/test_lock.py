"""The pin: read, written, compared."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_artifacts import lock as locks
from sdk_artifacts.errors import DataProblem
from sdk_artifacts.lock import Lock, LockedFile, LockedTarget

digests = st.text("0123456789abcdef", min_size=64, max_size=64)
locked_files = st.dictionaries(
    st.from_regex(r"[a-z]{1,5}(/[a-z.-]{1,8}){0,2}", fullmatch=True),
    st.builds(LockedFile, size=st.integers(0, 2**40), sha256=digests),
    max_size=4,
)
locked_targets = st.builds(
    LockedTarget,
    package=st.just("@openai/codex"),
    package_version=st.just("1.2.3-linux-x64"),
    archive_size=st.integers(0, 2**40),
    archive_sha512=digests,
    files=locked_files,
)
some_locks = st.builds(
    Lock,
    schema=st.just(locks.SCHEMA),
    version=st.sampled_from(["1.2.3", "1.2.3-alpha.4"]),
    targets=st.dictionaries(
        st.sampled_from(["x86_64-apple-darwin", "aarch64-pc-windows-msvc"]), locked_targets, min_size=1
    ),
)


@given(some_locks)
def test_what_is_written_is_what_is_read(lock):
    assert msgspec.toml.decode(locks.render_lock(lock), type=Lock) == lock


@given(some_locks)
def test_nothing_differs_between_a_lock_and_itself(lock):
    assert locks.differences(lock, lock) == []


def test_differences_say_what_changed():
    one = LockedTarget("p", "1.2.3-x", 10, "a", {"bin/codex": LockedFile(1, "a"), "bin/old": LockedFile(1, "a")})
    two = LockedTarget("p", "1.2.4-x", 12, "b", {"bin/codex": LockedFile(2, "b"), "bin/new": LockedFile(3, "c")})
    changes = locks.differences(Lock(1, "1.2.3", {"t": one}), Lock(1, "1.2.4", {"t": two}))
    assert changes == [
        "version: 1.2.3 -> 1.2.4",
        "t: archive 10 -> 12 bytes, new digest",
        "t: - bin/old",
        "t: ~ bin/codex (1 -> 2 bytes)",
        "t: + bin/new (3 bytes)",
    ]


def test_the_repository_s_own_lock_is_in_canonical_form_and_covers_every_target():
    from sdk_artifacts import paths, targets

    lock = locks.load_lock()
    assert paths.LOCK.read_text(encoding="utf-8") == locks.render_lock(lock)
    for triple, target in targets.known_targets().items():
        shipped = {
            path for wheel in target.wheels for name in wheel.components for path in target.components[name].required
        }
        assert shipped <= lock.target(triple).files.keys()
        assert all(target.component_of(path) for path in lock.target(triple).files)


def test_a_lock_knows_its_version_and_its_targets():
    lock = Lock(locks.SCHEMA, "1.2.3-alpha.4", {"a": LockedTarget("p", "v", 1, "0", {})})
    assert lock.runtime_version.pep440 == "1.2.3a4"
    assert lock.target("a").package == "p"
    with pytest.raises(DataProblem, match="nothing for b") as caught:
        lock.target("b")
    assert caught.value.fix.endswith("pin --runtime-version 1.2.3-alpha.4")


def test_every_difference_has_its_line():
    def lock(version, **targets):
        return Lock(locks.SCHEMA, version, targets)

    def target(sha512, **files):
        named = {path: LockedFile(size, str(size)) for path, size in files.items()}
        return LockedTarget("p", "v", len(sha512), sha512, named)

    old = lock("1.2.3", a=target("x"), b=target("x", same=1, gone=2, other=3), c=target("x"))
    new = lock("1.2.4", b=target("yy", same=1, other=4, more=5), c=target("x"), d=target("x"))
    assert locks.differences(None, new) == ["new lock: 1.2.4, 3 targets"]
    assert locks.differences(old, old) == []
    assert locks.differences(old, new) == [
        "version: 1.2.3 -> 1.2.4",
        "a: no longer locked",
        "b: archive 1 -> 2 bytes, new digest",
        "b: - gone",
        "b: + more (5 bytes)",
        "b: ~ other (3 -> 4 bytes)",
        "d: new target, 0 files",
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('version = "1.2.3"\n[targets]', "schema"),
        ('schema = 1\nversion = "soon"\n[targets]', "soon"),
        ('schema = 2\nversion = "1.2.3"\n[targets]', "schema"),
        ('schema = 1\nversion = "1.2.3"\nmood = 1\n[targets]', "mood"),
        ("\xff", "runtime.lock"),
    ],
)
def test_a_malformed_lock_names_the_key_and_the_command_that_writes_it(tmp_path, text, key):
    path = tmp_path / "runtime.lock"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataProblem) as caught:
        locks.load_lock(path)
    assert "runtime.lock" in caught.value.message
    assert key in caught.value.message
    assert "pin --runtime-version" in caught.value.fix


def test_a_missing_lock_names_the_command_that_writes_it(tmp_path):
    with pytest.raises(DataProblem) as caught:
        locks.load_lock(tmp_path / "runtime.lock")
    assert "pin --runtime-version" in caught.value.fix
