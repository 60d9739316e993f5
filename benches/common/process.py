"""Processes: found on PATH, started, looked at by /proc, and ended with the block that started them."""
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

PATIENCE_S = 15


def program(*names):
    """The first of these programs that is installed."""
    found = next((path for path in map(shutil.which, names) if path), None)
    if not found:
        sys.exit(f"{' or '.join(names)} is needed, and is not on PATH")
    return found


@contextmanager
def running(command, **options):
    """A process, for as long as the block runs."""
    process = subprocess.Popen([str(word) for word in command], **{"stdin": subprocess.DEVNULL, **options})
    try:
        yield process
    finally:
        end(process)


def end(process):
    """Asks it to end, and kills it where it does not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        kill(process)


def kill(process):
    """As `kill -9` does: it gets no chance to say goodbye."""
    process.kill()
    process.wait()


@contextmanager
def running_with_children(command, **options):
    """The same for a program that starts others, such as a browser: all of them end."""
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        signal_group(process, signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            pass
        signal_group(process, signal.SIGKILL)
        process.wait()


def signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass  # all of them have ended


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """What a process has used so far, for itself and in the kernel (proc(5): the 14th and 15th field)."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid):
    """What of it is resident."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
