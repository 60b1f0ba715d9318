"""A conversation of several turns that a later program goes on with."""

from codex_app_server import Codex

with Codex() as codex:
    thread = codex.thread_start()
    thread.run("My favourite colour is blue.")
    thread.set_name("colours")
    thread_id = thread.id

with Codex() as codex:  # another process, another day
    thread = codex.thread_resume(thread_id)
    result = thread.run("Which colour do I like?")
    print(result.final_response)

    branch = codex.thread_fork(thread_id)
    branch.run("Suppose it were red.")
    print(len(list(thread.turns())), len(list(branch.turns())))  # -> 2 3
