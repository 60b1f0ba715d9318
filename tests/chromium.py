"""A page in headless Chromium, driven over a pipe by the DevTools protocol; nothing listens and nothing is sent out."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_DEADLINE_SECONDS = 240
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--force-device-scale-factor=1", "--disable-dev-shm-usage"),
)


class Absent(Exception):
    """There is no Chromium here."""


@dataclass
class Browser:
    """One Chromium with one open page."""

    to: BinaryIO
    back: BinaryIO
    session: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **params: object) -> Any:
        """One command's result."""
        number = next(self.numbers)
        message: dict[str, object] = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while (answer := self._next()).get("id") != number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait_for(self, event: str) -> None:
        """Come back when the page has had the event, be it before."""
        while not any(met.get("method") == event for met in self.events):
            self.events.append(self._next())

    def open(self, page: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Open a file as a screen of this size and colour scheme shows it; a narrow one is a phone's."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What JavaScript makes of the expression in the page; the page itself has none."""
        done = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13}
        named = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", text="\r" if key == "Enter" else "", **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def accessible(self) -> list[tuple[str, str]]:
        """(role, name) of everything that a screen reader is told."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")))
            for node in nodes
            if not node["ignored"]
        ]

    def picture(self, path: Path) -> None:
        """Keep the whole page as PNG."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while not message.endswith(b"\0"):
            if not (byte := self.back.read(1)):
                raise EOFError("Chromium is gone")
            message += byte
        return json.loads(message[:-1])


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with an empty page, until the context ends; it ends itself when it hangs.

    Raises:
        Absent: there is none on the PATH.
    """
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None or os.name == "nt":
        raise Absent("no Chromium on the PATH. apt-get install chromium (as root)")
    (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        shell = f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}'
        process = subprocess.Popen(
            ["/bin/bash", "-c", shell, program, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(their_in, their_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_in)
        os.close(their_out)
        watchdog = threading.Timer(_DEADLINE_SECONDS, process.kill)
        watchdog.start()
        try:
            with os.fdopen(our_out, "wb") as to, os.fdopen(our_in, "rb") as back:
                yield _attached(Browser(to, back))
        finally:
            watchdog.cancel()
            process.terminate()
            process.wait()


def _attached(browser: Browser) -> Browser:
    (page,) = (each for each in browser.call("Target.getTargets")["targetInfos"] if each["type"] == "page")
    browser.session = browser.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Accessibility"):
        browser.call(f"{domain}.enable")
    return browser
