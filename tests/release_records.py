"""Records of releases, made up: every target's wheels and the SDK, with the sizes and words that a test asks for."""

import hashlib
from pathlib import Path

import msgspec

from sdk_artifacts.lock import LockedFile
from sdk_artifacts.released import RECORD_NAME, SCHEMA
from sdk_artifacts.releases import CheckRecord, Release, SdkRecord, WheelRecord
from sdk_artifacts.targets import known_targets
from sdk_artifacts.trial import Trial
from sdk_artifacts.turn_trial import TurnTrial
from wheel_builder import VERSION

SIZE = 150 << 20


def check(reason: str = "as it should be", *, status: str = "passed", ran: str = "", warnings: tuple[str, ...] = ()):
    return CheckRecord(status, reason, ran, warnings)


def release(*, size: int = SIZE, version: str = VERSION, text: str = "as it should be") -> Release:
    """A complete release; each wheel has `size` bytes, and `text` stands wherever a record has free text."""
    wheels = tuple(
        WheelRecord(
            name=f"codex_cli_bin-{version}-{wheel.tag}.whl",
            size=size,
            sha256=hashlib.sha256(wheel.tag.encode()).hexdigest(),
            target=triple,
            wheel=wheel.name,
            tags=wheel.tags,
            source={"kind": "npm", "name": f"@openai/codex@{version} {text}", "sha512": "0" * 128},
            payload={"bin/codex": LockedFile(300 << 20, "1" * 64), f"bin/{text}": LockedFile(1, "2" * 64)},
            checks={
                "tags": check(text),
                "sbom": check(text, status="not applicable"),
                "size": check(text, warnings=(f"large: {text}",)),
            },
            inputs="0" * 64,
        )
        for triple, target in known_targets().items()
        for wheel in target.wheels
    )
    sdk = SdkRecord(
        name=f"codex_app_server_sdk-{version}-py3-none-any.whl",
        kind="wheel",
        size=200 << 10,
        sha256="3" * 64,
        requires=(f"codex-cli-bin=={version}", text),
        checks={"tags": check(text)},
        inputs="0" * 64,
    )
    ran = wheels[0]
    return Release(
        schema=SCHEMA,
        version=version,
        upstream_version=version,
        complete=True,
        missing=(),
        wheels=wheels,
        sdk=(sdk,),
        trial=Trial(ran.name, ran.sha256, {"codex --version": f"codex-cli {version} {text}"}),
        turn=TurnTrial(
            sdk=sdk.name, sdk_sha256=sdk.sha256, wheel=ran.name, wheel_sha256=ran.sha256, printed={"one turn": text}
        ),
    )


def write(directory: Path, record: Release) -> Path:
    """Write its `release.json`; gives the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / RECORD_NAME).write_bytes(msgspec.json.encode(record))
    return directory
