r"""Programs for the Windows world. Each one prints what it found as JSON, on its last line.

A child here is what `codex_cli_bin._windows.run` starts in a process of its own, which stands between it and us.
"""

BETWEEN = r"""
import json, os, subprocess, sys, threading
RUN = "import sys; from codex_cli_bin._windows import run; sys.exit(run(sys.argv[1:]))"

def between(*command, **options):
    "A process that runs `command` as its child; its pipes are the child's."
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return subprocess.Popen([sys.executable, "-c", RUN, *command], **pipes, **options)

def within(seconds, work):
    "What `work()` returns, or None when that takes longer."
    found = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None
"""

# The pipe's other end is closed once nobody has it any more, so its end is the end of both.
KILLED = (
    BETWEEN
    + r"""
from codex_cli_bin import bundled_codex_path
HELLO = {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "test", "version": "1"}}}
process = between(bundled_codex_path(), "app-server")
process.stdin.write(json.dumps(HELLO).encode() + b"\n")
process.stdin.flush()
answer = json.loads(process.stdout.readline())
process.kill()
rest = within(30, process.stdout.read)
print(json.dumps([answer["id"], rest is not None]), flush=True)
os._exit(0)
"""
)

# What is sent to group 0 goes to everybody on the console. Wine's first console takes no such events, its second does.
# Ctrl-Break is not tried: to Wine's C runtime it means nothing but the end, whatever a program has set.
PRESSED = (
    BETWEEN
    + r"""
import ctypes, signal
CHILD = '''
import signal, sys, threading
pressed = threading.Event()
signal.signal(signal.SIGINT, lambda number, frame: pressed.set())
print("ready", flush=True)
while not pressed.wait(0.1):
    pass
sys.exit(37)
'''
kernel = ctypes.WinDLL("kernel32")
kernel.FreeConsole()
assert kernel.AllocConsole()
signal.signal(signal.SIGINT, lambda number, frame: None)
process = between(sys.executable, "-c", CHILD)
process.stdout.readline()
assert kernel.GenerateConsoleCtrlEvent(int(signal.CTRL_C_EVENT), 0)
print(json.dumps(within(30, process.wait)), flush=True)
os._exit(0)
"""
)
