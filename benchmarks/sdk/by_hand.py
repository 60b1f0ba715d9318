"""An app-server driven with nothing but a pipe: what the SDK is measured against."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from typing_extensions import Self

HELLO = {"clientInfo": {"name": "by-hand", "version": "1"}, "capabilities": {"experimentalApi": True}}


class ByHand:
    """A server that has been initialized; a context manager that ends it."""

    def __init__(self, codex_bin: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [codex_bin, "app-server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **env},
        )
        self.answer_to(0, "initialize", HELLO)
        self.send({"method": "initialized"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def send(self, message: Any) -> None:  # noqa: ANN401 - JSON
        """Write one line."""
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def lines(self) -> Iterator[bytes]:
        """What the server writes, line by line."""
        return iter(self.process.stdout.readline, b"")

    def answer_to(self, request_id: int, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
        """Make a request and wait for its result, passing over all else."""
        self.send({"id": request_id, "method": method, "params": params})
        answers = (json.loads(line) for line in self.lines())
        return next(each["result"] for each in answers if each.get("id") == request_id)
