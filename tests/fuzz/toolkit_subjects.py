"""The toolkit's readers of records: whatever stands in a file or on an index, values come of it, or its own errors."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fuzz.mutants import changed_bytes, changed_json
from fuzz.subject import Subject
from sdk_artifacts import paths
from sdk_artifacts.errors import NetworkFailed, ToolkitError
from sdk_artifacts.index.pages import HTML_TYPES, JSON_TYPE, parse_page
from sdk_artifacts.index.provenance import attested_by
from sdk_artifacts.lock import Lock, LockedFile, LockedTarget, differences, load_lock, render_lock
from sdk_artifacts.publication import Artifact, load_publication
from sdk_artifacts.publication.comparison import of_version
from sdk_artifacts.publication.limits import deadline
from sdk_artifacts.publication.state import STATE_NAME, State
from sdk_artifacts.registry.urls import public, step
from sdk_artifacts.released import RECORD_NAME, load_released
from sdk_artifacts.releases import Ledger
from sdk_artifacts.stage import STAGE_FILE, load_stage, render_stage
from sdk_artifacts.targets import load_target

SHA256 = "0" * 64
WHEEL = "codex_cli_bin-1.2.3-py3-none-win32.whl"
LOCK = Lock(1, "1.2.3", {"a-b-c": LockedTarget("@a/b", "1.2.3-x", 1, "0" * 128, {"bin/codex": LockedFile(1, SHA256)})})
_NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)

PAGE = {
    "meta": {"api-version": "1.1"},
    "name": "codex-cli-bin",
    "files": [
        {
            "filename": WHEEL,
            "url": f"../../files/{WHEEL}",
            "hashes": {"sha256": SHA256},
            "size": 5,
            "upload-time": "2026-01-01T00:00:00Z",
            "yanked": "it crashes",
            "core-metadata": {"sha256": SHA256},
            "provenance": "https://index.test/provenance",
        },
        {"filename": "codex_cli_bin-1.2.3.tar.gz", "url": "https://[::1]/a.tar.gz", "hashes": {}, "yanked": True},
    ],
}
HTML = f"""<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.0"></head><body>
<a href="../../files/{WHEEL}#sha256={SHA256}" data-yanked="" data-core-metadata="true">{WHEEL}</a><br>
<a href="https://[::1]:8080/a&amp;b.whl#md5=0" data-dist-info-metadata>x</a><!-- c --></body></html>""".encode()
_HTML_TOKENS = (
    b"<![CDATA[",
    b"<![if ",
    b"<!--",
    b"<!DOCTYPE [",
    b"&#x110000;",
    b"&#",
    b'<a href="http://[',
    b"</",
    b"<?",
)
STATEMENT = "eyJzdWJqZWN0IjpbeyJuYW1lIjoiYSIsImRpZ2VzdCI6eyJzaGEyNTYiOiIwIn19XX0="
PROVENANCE = {
    "version": 1,
    "attestation_bundles": [
        {"publisher": {"kind": "CI", "repository": "o/n"}, "attestations": [{"envelope": {"statement": STATEMENT}}]}
    ],
}
_FILE = {"name": WHEEL, "size": 5, "sha256": SHA256, "checks": {"tags": {"status": "passed"}}}
_SDK_FILE = {**_FILE, "name": "codex_app_server_sdk-1.2.3-py3-none-any.whl", "requires": [], "kind": "wheel"}
RELEASE = {
    "schema": 2,
    "version": "1.2.3",
    "upstream_version": "1.2.3",
    "complete": True,
    "missing": [],
    "wheels": [_FILE],
    "sdk": [_SDK_FILE],
    "trial": None,
    "turn": None,
}
STATE = {"schema": 1, "repositories": {"https://index.test/": {WHEEL: {"sha256": SHA256, "step": "sending"}}}}
STAGE = {
    "schema": 1,
    "version": "1.2.3",
    "upstream_version": "1.2.3",
    "target": "a-b-c",
    "wheel": "w",
    "tag": "py3-none-x",
    "license_expression": "MIT",
    "license_files": [],
    "own_license_files": [],
    "sbom_files": [],
    "components": ["c"],
    "executable": "bin/codex",
    "path_directory": None,
    "source": {"kind": "npm", "name": "a@1", "sha512": None},
    "files": {"bin/codex": {"size": 1, "sha256": SHA256, "mode": "0755"}},
}


def read_page(data: bytes) -> None:
    """A page gives a project of which plans can be made, or NetworkFailed."""
    kind = JSON_TYPE if data[:1] == b"{" else HTML_TYPES[0]
    with suppress(NetworkFailed):
        project = parse_page("codex-cli-bin", data, kind)
        files = of_version(project, "1.2.3")
        deadline([file.uploaded for file in files if file.uploaded], _NOW).isoformat()
        for file in files:
            for link in (f"{file.url.partition('#')[0]}.metadata", file.provenance or ""):
                with suppress(NetworkFailed):
                    public(step("https://index.test/simple/codex-cli-bin/", link))


def read_provenance(data: bytes) -> None:
    """A document tells publishers, or none."""
    assert isinstance(attested_by(data, name="a", sha256="0"), list)


def _in_file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes], None]:
    """A reader of bytes out of one of a file; its errors may be the toolkit's."""

    def feed(data: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as directory, suppress(ToolkitError):
            path = Path(directory, name)
            path.write_bytes(data)
            read(path)

    return feed


def _read_lock(path: Path) -> None:
    lock = load_lock(path)
    differences(LOCK, lock)
    again = path.with_name("again.lock")
    again.write_text(render_lock(lock), encoding="utf-8")
    with suppress(ToolkitError):  # what no writer writes need not be written back
        load_lock(again)


def _read_release(path: Path) -> None:
    Ledger.recall(path.parent, LOCK, {}, "")
    for load in (load_released, lambda path: load_publication(path.parent)):
        with suppress(ToolkitError):
            load(path)


def _read_state(path: Path) -> None:
    artifact = Artifact(path.with_name(WHEEL), 5, SHA256, "runtime", {})
    state = State(path.parent, "https://index.test/")
    state.mark(artifact, "accepted")
    assert State(path.parent, "https://index.test/").step(artifact) == "accepted"


def _targets() -> list[bytes]:
    return [path.read_bytes() for path in sorted(paths.PLATFORMS.glob("*-*.toml"))]


SUBJECTS = {
    "page-json": Subject(lambda: changed_json([PAGE]), read_page),
    "page-html": Subject(lambda: changed_bytes([HTML], _HTML_TOKENS), read_page),
    "provenance": Subject(lambda: changed_json([PROVENANCE]), read_provenance),
    "release": Subject(lambda: changed_json([RELEASE]), _in_file(RECORD_NAME, _read_release)),
    "state": Subject(lambda: changed_json([STATE]), _in_file(STATE_NAME, _read_state)),
    "stage": Subject(
        lambda: changed_json([STAGE]), _in_file(STAGE_FILE, lambda path: render_stage(load_stage(path.parent)))
    ),
    "lock": Subject(
        lambda: changed_bytes([render_lock(LOCK).encode()], [b'"""', b"[[", b"1e999", b"\xff", b"9" * 5000, b"nan"]),
        _in_file("runtime.lock", _read_lock),
    ),
    "target": Subject(lambda: changed_bytes(_targets(), [b"[[wheels]]", b"{}"]), _in_file("a-b-c.toml", load_target)),
}
