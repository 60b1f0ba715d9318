"""Several threads at work on one server."""

from concurrent.futures import ThreadPoolExecutor

from codex_app_server import Codex

QUESTIONS = ["Why is the sea blue?", "Why is it salty?", "Why does it move?"]

with Codex() as codex, ThreadPoolExecutor() as pool:

    def ask(question: str) -> str:
        return codex.thread_start().run(question).raise_for_status().final_response or ""

    answers = list(pool.map(ask, QUESTIONS))
    print(len(answers))  # -> 3
