"""An application to freeze: it uses both packages and prints what it finds, as JSON."""

import json
import os
import sys
from pathlib import Path

import codex_app_server
from codex_app_server import Codex, doctor
from codex_cli_bin import RUNTIME_VERSION, bundled_codex_path, bundled_path_dir
from codex_cli_bin._doctor import examine

LATE = ("_live", "_socket", "_async_socket", "types", "__main__")


def children():
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def variables(pid):
    return dict(entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if entry)


for name in codex_app_server.__all__:
    getattr(codex_app_server, name)
for name in LATE:
    __import__(f"codex_app_server.{name}")
with Codex() as codex:
    answer = codex.thread_start().run("Say it.").final_response
    [server] = children()
    library_path = variables(server).get("LD_LIBRARY_PATH")
told = {
    "answer": answer,
    "executable": bundled_codex_path(),
    "tools": [path.name for path in Path(bundled_path_dir() or "").iterdir()],
    "findings": examine(deep=True)["findings"],
    "library_path": library_path,
    "own_library_path": os.environ.get("LD_LIBRARY_PATH"),
    "runtime": [RUNTIME_VERSION, doctor.examine().versions.runtime],
    "inside": getattr(sys, "_MEIPASS", None),
}
sys.stdout.write(json.dumps(told) + "\n")
