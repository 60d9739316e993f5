"""A server of the bench's own, on free ports of loopback, without limits."""
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.process import free_port, running

START_S = 30


@dataclass
class Server:
    """One that runs."""
    process: subprocess.Popen
    url: str
    ops_url: str
    # Host and port of the picture, and the file of what it says.
    media: tuple
    log: Path

    @property
    def pid(self):
        return self.process.pid

    def health(self):
        """What it says of itself, or None where it does not answer or is not ready."""
        try:
            return json.loads(fetch(f"{self.url}/health/ready"))
        except (urllib.error.URLError, OSError):
            return None

    def metrics(self, prefix):
        """Its counters with names that begin so."""
        lines = [line for line in fetch(f"{self.ops_url}/metrics").splitlines() if line.startswith(prefix)]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@contextmanager
def serve(binary, directory, log="error", variables=None):
    """A server with its data in `directory`, for as long as the block runs; the block begins when it is ready."""
    listen, ops, media, rtmp = (f"127.0.0.1:{free_port()}" for _ in range(4))
    command = [binary, "serve", "--listen", listen, "--ops-listen", ops, "--media-listen", media, "--rtmp-listen", rtmp,
               "--data-dir", Path(directory, "data"), "--limits", "off", "--log", log]
    path = Path(directory, "log")
    with open(path, "w") as output, running(command, cwd=directory, env=environment(variables), stdout=output,
                                            stderr=output) as process:
        host, port = media.split(":")
        server = Server(process, f"http://{listen}", f"http://{ops}", (host, int(port)), path)
        wait_until_ready(server, path)
        yield server


def environment(variables=None):
    """The environment without what would set up a server of this name otherwise."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("LIVEHOUSE_")}
    return {**others, **(variables or {})}


def wait_until_ready(server, log):
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.process.poll() is None:
        if server.health():
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server is not ready: {log.read_text()[-800:]}")


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()
