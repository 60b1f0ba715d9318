"""Many threads meet types that nobody has used before; in processes of their own, since a type is new only once."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
from codex_app_server import _typed
from codex_app_server._protocol import Event
from codex_app_server._wire import decode
from codex_app_server.generated import methods as m

answers = [m.MODEL_LIST, m.THREAD_READ, m.THREAD_START, m.THREAD_LIST, m.THREAD_RESUME]
events = [m.ITEM_COMPLETED, m.TURN_COMPLETED, m.THREAD_STARTED, m.ERROR]
together = threading.Barrier(30)

def work():
    together.wait()
    for method in answers:
        decode(method.result, b'{"data":[{"id":"x"}],"thread":{"id":"x","turns":[]}}')
    for method in events:
        _typed.notification(Event(method.name, b'{"method":"m","params":{"threadId":"h"}}', None))

threads = [threading.Thread(target=work) for _ in range(30)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("attempt", range(6))
def test_threads_may_use_a_type_for_the_first_time_together(attempt):
    assert subprocess.run([sys.executable, "-c", PROGRAM], check=False, timeout=60).returncode == 0, attempt
