"""What a turn says and does, while it does it."""

from codex_app_server import Codex

with Codex() as codex:
    thread = codex.thread_start(approval_policy="never")

    for piece in thread.turn("Say something about the sea.").text():
        print(piece, end="", flush=True)
    print()

    turn = thread.turn("Run `echo hello`.")
    for view in turn.events():
        if view.completed:
            print(view.type, view.status)
    print(turn.run().status)  # -> completed
