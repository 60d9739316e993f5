"""The encoder of `publish.py`, from outside: it begins when it is told to, is listened to, and can be killed."""
import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from common.process import kill, running

BENCHES = Path(__file__).resolve().parent.parent.parent
WAIT_S = 20


@asynccontextmanager
async def publishing(url, key, codec="H264", at_once=True):
    """One that is ready, so that Python's start is in no figure; with `at_once` it has been told to begin."""
    command = [sys.executable, "-m", "picture.peers.publish", url, key, codec]
    with running(command, cwd=BENCHES, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        publisher = Publisher(process)
        try:
            await publisher.event("ready")
            if at_once:
                publisher.begin()
            yield publisher
        finally:
            publisher.kill()


class Publisher:
    """What it says is kept in `said`."""

    def __init__(self, process):
        self.process, self.said = process, []

    def begin(self):
        self.process.stdin.write(b"begin\n")
        self.process.stdin.flush()

    async def event(self, name):
        """The wall time at which it says that this has happened."""
        while True:
            line = await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), WAIT_S)
            if not line:
                raise RuntimeError("the publisher has ended")
            self.said.append(json.loads(line))
            if self.said[-1]["event"] == name:
                return self.said[-1]["at"]

    async def first_packet(self):
        return await self.event("first")

    def answers(self):
        """The statuses that it was answered with."""
        return [told["status"] for told in self.said if told["event"] == "answered"]

    def kill(self):
        kill(self.process)
