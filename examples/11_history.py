"""All threads, and all that was said in one, over all pages."""

from codex_app_server import Codex

with Codex() as codex:
    thread = codex.thread_start()
    for text in ("one", "two", "three"):
        thread.run(text)

    for recorded in codex.threads(limit=1):
        print(recorded.id == thread.id)  # -> True
    for turn in thread.turns(limit=2):
        print(turn.status, len(turn.items))  # -> completed 2
    for entry in thread.items():
        print(entry.item.type)
    # -> userMessage
    # -> agentMessage

    print(thread.compact().run().status)  # -> completed
    codex.thread_archive(thread.id)
