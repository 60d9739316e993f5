"""What the tests of the Python client ask for: a server of their own, and frames that come in time."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from unittest import IsolatedAsyncioTestCase

from livehouse import Closed, Frame, House, Refused, Room

PATIENCE_S = 30.0
PASSWORD = "a long pass phrase"


class Server:
    """The program, with a directory of its own; `kill` and `start` come back on the same port."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.port = 0
        self._reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        anywhere = ["--ops-listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0", "--rtmp-listen", "off"]
        self.process = await asyncio.create_subprocess_exec(
            os.environ["LIVEHOUSE_TEST_BINARY"],
            *["--listen", f"127.0.0.1:{self.port}", "--data-dir", self.directory, *anywhere],
            env={**os.environ, "LIVEHOUSE_LIMITS_REGISTRATIONS_PER_IP": "0"},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE_S):
            self.port = await self._ready()
        self._reading = asyncio.create_task(self._read_on())

    async def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        await self.process.wait()
        if self._reading is not None:
            await self._reading

    async def _ready(self) -> int:
        assert self.process.stderr is not None
        said = ""
        async for line in self.process.stderr:
            said += line.decode()
            if found := re.search(r"ready: http://127\.0\.0\.1:(\d+)", said):
                return int(found[1])
        raise AssertionError(f"it did not start: {said}")

    async def _read_on(self) -> None:
        assert self.process.stderr is not None
        async for _ in self.process.stderr:
            pass


class Heard:
    """A room that is read, and all that it told."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.frames: list[Any] = []
        self.error: Exception | None = None
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.room.__aenter__()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.room.leave()
        await self._reading

    async def _read(self) -> None:
        try:
            async for frame in self.room:
                await self._note(frame)
        except (Closed, Refused) as error:
            self.error = error
            await self._note(None)

    async def _note(self, frame: Frame | None) -> None:
        async with self._news:
            if frame is not None:
                self.frames.append(frame)
            self._news.notify_all()

    async def until(self, fits: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE_S), self._news:
            return await self._news.wait_for(fits)

    async def told(self, kind: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first frame of that type that fits, also where it has come already."""

        def find() -> Any:
            return next((frame for frame in self.frames if frame["type"] == kind and fits(frame)), None)

        try:
            return await self.until(find)
        except TimeoutError:
            raise AssertionError(f"no {kind} among {self.frames}") from None

    async def ended(self) -> Exception:
        error = await self.until(lambda: self.error)
        assert isinstance(error, Exception)
        return error

    def events(self) -> list[Any]:
        return [frame for frame in self.frames if "ts" in frame]


class HouseTest(IsolatedAsyncioTestCase):
    """A server for each test, its host and a stream of theirs that is live."""

    async def asyncSetUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.server = Server(str(Path(directory.name) / "data"))
        self.addAsyncCleanup(self.kill)
        await self.server.start()
        self.host = await self.account("ana")
        made = await self.host.call("POST", "/streams", {"title": "First night"})
        self.stream = made["id"]
        await self.host.call("POST", f"/streams/{self.stream}/start")

    async def kill(self) -> None:
        if self.server.process.returncode is None:
            await self.server.kill()

    async def account(self, username: str) -> House:
        house = House(self.server.url)
        await house.register(username, PASSWORD)
        return house

    def heard(self, house: House) -> Heard:
        return Heard(house.room(self.stream))
