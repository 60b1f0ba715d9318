"""The build as frontends see it (PEP 517): what hatchling makes of a staged SDK, written anew in canonical form.

hatchling's wheel names the building system and its source distribution is deflated by whatever zlib the interpreter
was linked to. Here members are sorted, dated alike, all with mode 0644, and deflated by one release of libdeflate.
What is not staged is for development alone, and left as hatchling makes it.
"""

import hashlib
import io
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hatch_build import Refused, read_stage
from hatchling import build as plain
from hatchling.build import build_editable
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

if TYPE_CHECKING:
    from hatchling.builders.plugin.interface import BuilderInterface

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

ROOT = Path(__file__).absolute().parent
DEFAULT_TIMESTAMP = "1580601600"  # 2020-02-02, which is hatchling's default as well
LEVEL = 9
VCS_FILES = ("/.gitignore", "/.hgignore")  # hatchling adds what it finds above the stage

Settings = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:  # noqa: ARG001 - PEP 517 gives it
    """Nothing beyond pyproject.toml's `requires`."""
    return []


get_requires_for_build_editable = get_requires_for_build_sdist = get_requires_for_build_wheel


def build_wheel(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel; it appears in `wheel_directory` whole or not at all. There are no settings.

    Raises:
        Refused: `stage.json` or `SOURCE_DATE_EPOCH` is malformed.
    """
    if read_stage(ROOT) is None:
        return plain.build_wheel(wheel_directory, dict(config_settings or {}), metadata_directory)
    return _built(WheelBuilder, wheel_directory, _write_wheel)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build the source distribution, which gives the same wheel; it appears whole or not at all.

    Raises:
        Refused: `stage.json` or `SOURCE_DATE_EPOCH` is malformed.
    """
    if read_stage(ROOT) is None:
        return plain.build_sdist(sdist_directory, dict(config_settings or {}))
    return _built(SdistBuilder, sdist_directory, _write_sdist)


def _built(
    builder: "Callable[[str], BuilderInterface[Any, Any]]", into: str, write: Callable[[Path, BinaryIO, int], None]
) -> str:
    from wheel_archive import appearing  # noqa: PLC0415 - only a stage has it

    timestamp = _timestamp()
    os.environ["SOURCE_DATE_EPOCH"] = str(timestamp)  # hatchling fails on a date outside of a zip's range
    with tempfile.TemporaryDirectory(prefix="codex-app-server-sdk-") as scratch:
        # Said here because hatchling else asks the environment (HATCH_BUILD_*).
        made = builder(str(ROOT)).build(directory=scratch, versions=["standard"], hooks_only=False, clean=False)
        path = Path(next(made))
        with appearing(Path(into, path.name)) as file:
            write(path, file, timestamp)
    return path.name


def _write_wheel(made: Path, file: BinaryIO, timestamp: int) -> None:
    """Write a wheel's members sorted, the metadata last and RECORD, as it stands, the very last."""
    from wheel_archive import Archive  # noqa: PLC0415 - only a stage has it

    archive = Archive(file, timestamp=timestamp, level=LEVEL)
    with zipfile.ZipFile(made) as wheel:
        for name in sorted(wheel.namelist(), key=_rank):
            data = wheel.read(name)
            archive.add(name, 0o644, data, hashlib.sha256(data).hexdigest())
    archive.finish()


def _write_sdist(made: Path, file: BinaryIO, timestamp: int) -> None:
    """Write a source distribution's members sorted, of nobody's, in the oldest form that has room for their names."""
    import deflate  # noqa: PLC0415 - development, which is editable, does without

    packed = io.BytesIO()
    with (
        tarfile.open(made) as sources,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for source in sorted(sources.getmembers(), key=lambda member: member.name):
            if source.name.endswith(VCS_FILES):
                continue
            member = tarfile.TarInfo(source.name)
            member.size, member.mode, member.mtime = source.size, 0o644, timestamp
            archive.addfile(member, sources.extractfile(source))
    file.write(deflate.gzip_compress(packed.getvalue(), LEVEL))


def _rank(name: str) -> tuple[bool, bool, str]:
    metadata = name.partition("/")[0].endswith(".dist-info")
    return metadata, metadata and name.endswith("/RECORD"), name


def _timestamp() -> int:
    """The date of every member: `SOURCE_DATE_EPOCH`, as near to it as a zip can say."""
    from wheel_archive import EARLIEST, LATEST  # noqa: PLC0415 - only a stage has it

    text = os.environ.get("SOURCE_DATE_EPOCH", DEFAULT_TIMESTAMP)
    try:
        return min(max(int(text), EARLIEST), LATEST)
    except ValueError:
        raise Refused(f"codex-app-server-sdk: SOURCE_DATE_EPOCH={text!r} is no number of seconds") from None
