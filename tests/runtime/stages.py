"""Small staged directories that build in a second, and the wheels of them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "sdk-python-runtime"
TAG = "py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64"
LICENSES = ["codex-LICENSE.txt", "ripgrep-UNLICENSE.txt"]
SBOM = '{"bomFormat": "CycloneDX", "specVersion": "1.6"}\n'  # the build packs it and does not read it
WHEEL = f"codex_cli_bin-1.2.3-{TAG}.whl"

# Stands for the executable wherever it must behave: a real program whose parts can be asked for.
CODEX = rb"""#!/bin/sh
case "$1" in
  --version) echo "codex-cli 1.2.3" ;;
  exit) exit "$2" ;;
  cat) cat ;;
  path) echo "$PATH" ;;
  self) echo "$0" ;;
  ignored) exec grep SigIgn /proc/self/status ;;
  wait) trap 'exit 42' TERM; trap 'exit 43' INT; echo $$; while :; do sleep 0.05; done ;;
  *) for word; do echo "$word"; done ;;
esac
"""
PAYLOAD: Mapping[str, tuple[bytes, str]] = {
    "codex-package.json": (b'{"version": "1.2.3"}\n' * 9, "0644"),
    "bin/codex": (CODEX, "0755"),
    "bin/codex-code-mode-host": (b"#!/bin/sh\n", "0755"),
    "codex-path/rg": (b"#!/bin/sh\necho the bundled rg\n", "0755"),
}


def make_stage(directory: Path, payload: Mapping[str, tuple[bytes, str]] = PAYLOAD, **changes: object) -> Path:
    """Stage `payload` (path: content and mode) as `stage-runtime` would; `changes` go into stage.json as they are."""
    shutil.copytree(TEMPLATE, directory, ignore=shutil.ignore_patterns("__pycache__", ".*", "licenses"))
    for name in LICENSES:
        (directory / "licenses").mkdir(exist_ok=True)
        shutil.copyfile(TEMPLATE / "licenses" / name, directory / "licenses" / name)
    (directory / "sboms").mkdir()
    (directory / "sboms" / "codex-cli-bin.cdx.json").write_text(SBOM)
    for path, (content, _) in payload.items():
        place = directory / "payload" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    stage = {
        "schema": 1,
        "version": "1.2.3",
        "upstream_version": "1.2.3",
        "target": "x86_64-unknown-linux-musl",
        "wheel": "any-libc",
        "tag": TAG,
        "license_expression": "Apache-2.0 AND (MIT OR Unlicense)",
        "license_files": LICENSES,
        "own_license_files": [],
        "sbom_files": ["codex-cli-bin.cdx.json"],
        "executable": "bin/codex",
        "path_directory": "codex-path",
        "components": ["core", "search"],
        "source": {"kind": "directory", "name": "payload", "sha512": None},
        "files": {
            path: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "mode": mode}
            for path, (content, mode) in payload.items()
        },
    }
    (directory / "stage.json").write_text(json.dumps(stage | changes, indent=2, sort_keys=True), encoding="utf-8")
    return directory


def frontend(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a build frontend with this interpreter's environment, which has all that the build needs."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def build_wheel(stage: Path, out: Path, *options: str, **environment: str) -> Path:
    """Build the stage's wheel into `out`."""
    done = frontend("build", "-w", "-n", "-x", stage, "-o", out, *options, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
    return wheel
