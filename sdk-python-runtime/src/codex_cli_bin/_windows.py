"""Run a child on Windows as if it were this process."""

import sys

if sys.platform != "win32":
    raise ImportError("this module needs Windows")

import ctypes
import signal
import subprocess
from ctypes import wintypes

_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
_KILL_ON_CLOSE = 0x2000
_SILENT_BREAKAWAY = 0x1000
_MAY_JOIN_A_JOB = 0x0101  # PROCESS_SET_QUOTA | PROCESS_TERMINATE


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; only the flags are ever set."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", wintypes.DWORD),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("classes", wintypes.DWORD * 2),
        ("io", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


def run(command: list[str]) -> int:
    """Run the command on this process's console and handles; returns its exit status as `sys.exit` takes it.

    Raises:
        OSError: it could not be started.
    """
    # The console sends Ctrl-C and Ctrl-Break to both. The child decides what they mean; this process goes on waiting.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGBREAK, signal.SIG_IGN)
    child = subprocess.Popen(command, close_fds=False)  # handles are inherited on purpose
    _die_together(child.pid)
    status = child.wait()
    # Statuses such as 0xC0000005 do not fit into the C int that the interpreter exits with: hand over the same 32 bits.
    return status - (1 << 32) if status >= 1 << 31 else status


def _die_together(pid: int) -> None:
    """Tie the child to a job that ends with this process.

    What the child starts stays outside of the job, so that its background processes live on as they would without us.
    Where a job cannot be made, the child runs without: it is only a safety net.
    """
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateJobObjectW.restype = kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    kernel.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    limits = _Limits(flags=_KILL_ON_CLOSE | _SILENT_BREAKAWAY)
    # Never closed here: Windows does that when this process ends, however it ends, and thereby ends the child.
    job = kernel.CreateJobObjectW(None, None)
    kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    if process := kernel.OpenProcess(_MAY_JOIN_A_JOB, 0, pid):
        kernel.AssignProcessToJobObject(job, process)
        kernel.CloseHandle(process)
