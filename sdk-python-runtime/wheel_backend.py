"""The build as frontends see it (PEP 517): hatchling's wheel without a payload, written anew with it in canonical form.

hatchling makes what it knows best: metadata, tags, licenses, the Python files. This backend adds the staged payload,
checks every byte of it against `stage.json`, and writes all members itself: sorted, dated alike, with modes from
`stage.json` rather than from the building machine's file system.
"""

import csv
import hashlib
import io
import json
import os
import stat
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from mmap import mmap
from pathlib import Path
from typing import Any

from hatch_build import FRAME, NOTHING_STAGED, WHEEL_ONLY, Refused, Stage, StagedFile, read_stage
from hatchling.build import build_editable
from hatchling.builders.wheel import WheelBuilder
from wheel_archive import EARLIEST, LATEST, Archive, appearing, mapped

__all__ = [
    "UnsupportedOperation",
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_wheel",
]

ROOT = Path(__file__).absolute().parent
PAYLOAD = ROOT / "payload"
PACKAGE = "codex_cli_bin"
# The wheel's own metadata says these.
NOT_IN_MANIFEST = ("tag", "license_expression", "license_files", "own_license_files", "sbom_files")
DEFAULT_TIMESTAMP = "1580601600"  # 2020-02-02, which is hatchling's default as well
# libdeflate's 6 gives the size of zlib's 6 for a third of its time; 10 saves 3.5 % more for seven times as much.
LEVELS = {"fast": 6, "small": 10}

Settings = Mapping[str, Any] | None


class UnsupportedOperation(Exception):
    """PEP 517's way to say that this project has no source distribution."""


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:  # noqa: ARG001 - PEP 517 gives it
    """Nothing beyond pyproject.toml's `requires`."""
    return []


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:  # noqa: ARG001 - PEP 660 gives it
    """Nothing either: with `dev-mode-dirs` hatchling writes a plain `.pth` and does not need `editables`."""
    return []


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:  # noqa: ARG001 - PEP 517 gives them
    """Refuse: there is none.

    Raises:
        UnsupportedOperation: always, with the reason.
    """
    raise UnsupportedOperation(WHEEL_ONLY.format(root=ROOT))


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    """Write the `.dist-info` that the wheel will have, without its RECORD."""
    _asked_for(config_settings)
    _, small = _frame(_staged())
    names = [name for name in small if _is_metadata(name)]
    for name in names:
        path = Path(metadata_directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small[name])
    return names[0].partition("/")[0]


def build_wheel(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,  # noqa: ARG001 - made from the same stage, so it says the same
) -> str:
    """Build the staged wheel; it appears in `wheel_directory` whole or not at all.

    Settings are `compression` (`fast`, which is the default, or `small`) and `cache`, a directory that keeps deflated
    members for the next wheel with the same files; what stands in it is trusted.

    Raises:
        Refused: nothing is staged, the payload is not what was staged, or a setting is unknown.
    """
    level, cache = _asked_for(config_settings)
    stage = _staged()
    payload = _payload(stage)
    name, small = _frame(stage)
    if both := sorted(payload.keys() & small.keys()):
        raise Refused(f"codex-cli-bin: the payload has files that the package has itself: {', '.join(both)}")
    with appearing(Path(wheel_directory, name)) as file:
        _compose(Archive(file, timestamp=_timestamp(), level=level, cache=cache), small, payload)
    return name


def _asked_for(settings: Settings) -> tuple[int, Path | None]:
    """The compression level and the cache that the user's settings ask for."""
    chosen = dict(settings or {})
    word, cache = chosen.pop("compression", "fast"), chosen.pop("cache", None)
    if chosen:
        raise Refused(
            f"codex-cli-bin: unknown build setting {', '.join(sorted(chosen))}; there are `compression` and `cache`"
        )
    if not isinstance(word, str) or word not in LEVELS:
        raise Refused(f"codex-cli-bin: compression={word!r} is not one of {', '.join(LEVELS)}")
    if cache is not None and not Path(str(cache)).is_dir():
        raise Refused(f"codex-cli-bin: cache={cache!r} is no directory")
    return LEVELS[word], None if cache is None else Path(str(cache))


def _staged() -> Stage:
    stage = read_stage(ROOT)
    if stage is None:
        raise Refused(NOTHING_STAGED.format(root=ROOT))
    return stage


def _timestamp() -> int:
    """The date of every member: `SOURCE_DATE_EPOCH`, as near to it as a zip can say."""
    text = os.environ.get("SOURCE_DATE_EPOCH", DEFAULT_TIMESTAMP)
    try:
        return min(max(int(text), EARLIEST), LATEST)
    except ValueError:
        raise Refused(f"codex-cli-bin: SOURCE_DATE_EPOCH={text!r} is no number of seconds") from None


class _FrameBuilder(WheelBuilder):
    """hatchling's wheel under a version of its own, which tells the build hook that a payload will follow."""

    def get_version_api(self) -> dict[str, Callable[..., str]]:
        return {FRAME: self.build_standard}


def _frame(stage: Stage) -> tuple[str, dict[str, bytes]]:
    """The wheel's file name and every member but the payload and RECORD."""
    os.environ["SOURCE_DATE_EPOCH"] = str(_timestamp())  # hatchling fails on a date outside of a zip's range
    with tempfile.TemporaryDirectory(prefix="codex-cli-bin-") as scratch:
        builder = _FrameBuilder(str(ROOT))
        # Said here because hatchling else asks the environment (HATCH_BUILD_*).
        path = Path(next(builder.build(directory=scratch, versions=[FRAME], hooks_only=False, clean=False)))
        with zipfile.ZipFile(path) as frame:
            members = {name: frame.read(name) for name in frame.namelist() if not name.endswith("/RECORD")}
    if not path.name.endswith(f"-{stage['tag']}.whl"):
        raise Refused(
            f"codex-cli-bin: the wheel is named {path.name}, so the build hook did not run: HATCH_BUILD_NO_HOOKS?"
        )
    manifest = {key: value for key, value in stage.items() if key not in NOT_IN_MANIFEST}
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    members[f"{PACKAGE}/manifest.json"] = text.encode()
    return path.name, members


def _payload(stage: Stage) -> dict[str, StagedFile]:
    """The payload's members by their names in the wheel; each one is there as a regular file, and nothing else is."""
    found = set()
    for directory, _, names in os.walk(PAYLOAD):
        for name in names:
            path = Path(directory, name)
            found.add(path.relative_to(PAYLOAD).as_posix())
            if not stat.S_ISREG(path.lstat().st_mode):
                raise _changed(f"{path} is no regular file")
    if extra := sorted(found - stage["files"].keys()):
        raise _changed(f"payload/ has files that stage.json does not list: {', '.join(extra)}")
    if missing := sorted(stage["files"].keys() - found):
        raise _changed(f"payload/ lacks files that stage.json lists: {', '.join(missing)}")
    return {f"{PACKAGE}/{path}": facts for path, facts in stage["files"].items()}


def _compose(archive: Archive, small: Mapping[str, bytes], payload: Mapping[str, StagedFile]) -> None:
    """Write all members in canonical order: sorted, metadata last, and RECORD the very last."""
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")

    def add(name: str, mode: int, data: bytes | mmap, digest: bytes) -> None:
        archive.add(name, mode, data, digest.hex())
        rows.writerow((name, f"sha256={urlsafe_b64encode(digest).decode().rstrip('=')}", len(data)))

    for name in sorted([*small, *payload], key=lambda name: (_is_metadata(name), name)):
        if name in small:
            add(name, 0o644, small[name], hashlib.sha256(small[name]).digest())
            continue
        facts = payload[name]
        with mapped(PAYLOAD / name.partition("/")[2]) as data:
            digest = hashlib.sha256(data)
            if (len(data), digest.hexdigest()) != (facts["size"], facts["sha256"]):
                raise _changed(f"{name.partition('/')[2]} has other bytes than stage.json says")
            add(name, int(facts["mode"], 8), data, digest.digest())
    metadata = next(name for name in small if _is_metadata(name)).partition("/")[0]
    rows.writerow((f"{metadata}/RECORD", "", ""))
    text = record.getvalue().encode()
    archive.add(f"{metadata}/RECORD", 0o644, text, hashlib.sha256(text).hexdigest())
    archive.finish()


def _is_metadata(name: str) -> bool:
    return name.partition("/")[0].endswith(".dist-info")


def _changed(what: str) -> Refused:
    return Refused(f"codex-cli-bin: the stage was changed after staging: {what}. Stage again with stage-runtime.")
