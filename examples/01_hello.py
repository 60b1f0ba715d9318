"""One thread, one turn."""

from codex_app_server import Codex

with Codex() as codex:
    thread = codex.thread_start()
    result = thread.run("Say hello.")
    print(result.status)  # -> completed
    print(result.final_response)
