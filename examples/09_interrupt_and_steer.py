"""A turn that is told more while it runs, and then stopped."""

from codex_app_server import Codex

with Codex() as codex:
    turn = codex.thread_start().turn("Tell a long story.")
    for piece in turn.text():
        print(piece)
        break  # leaving is fine: the turn goes on
    turn.steer("Make it about the sea.")
    turn.interrupt()
    print(turn.run().status)  # -> interrupted
