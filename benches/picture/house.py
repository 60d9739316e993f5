"""A server with pictures, and its REST interface."""
import asyncio
import json
import tempfile
import time
from contextlib import asynccontextmanager

import aiohttp

from common.server import serve
from picture.clock import Moment

PASSWORD = "correct horse battery staple"


@asynccontextmanager
async def open_house(bench):
    """A server of the build that is tried, with an empty database, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="livehouse-picture-") as directory, \
            serve(bench.binary, directory, log="info") as server:
        async with aiohttp.ClientSession() as http:
            yield House(server, http)


class House:
    """What a client can ask of it."""

    def __init__(self, server, http):
        self.server, self.http = server, http
        self.url, self.pid, self.api = server.url, server.pid, f"{server.url}/api/v1"

    async def request(self, method, path, body=None, token=None):
        """The status and the text of an answer, whatever it is."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with self.http.request(method, self.api + path, json=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def call(self, method, path, body=None, token=None):
        """What a request that must succeed is answered with."""
        status, text = await self.request(method, path, body, token)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {text}")
        return json.loads(text) if text else None

    async def register(self, name):
        """A new account's access token."""
        account = await self.call("POST", "/users", {"username": name, "password": PASSWORD})
        return account["session"]["access_token"]

    async def live_stream(self, token, title="Measured"):
        """The id of a new stream that has been started."""
        stream = (await self.call("POST", "/streams", {"title": title}, token))["id"]
        await self.call("POST", f"/streams/{stream}/start", {}, token)
        return stream

    async def key(self, token, stream):
        """What an encoder shows to be let in."""
        return (await self.ingest(token, stream))["key"]

    async def rtmp_url(self, token, stream):
        ingest = await self.ingest(token, stream)
        return f"{ingest['rtmp_url']}/{ingest['key']}"

    async def ingest(self, token, stream):
        return await self.call("GET", f"/streams/{stream}/ingest", token=token)

    async def playback(self, stream, token=None):
        return await self.call("GET", f"/streams/{stream}/playback", token=token)

    def whep(self, stream):
        return f"{self.api}/streams/{stream}/whep"

    def whip(self):
        return f"{self.api}/whip"

    def page(self, stream):
        return f"{self.url}/s/{stream}"

    async def until(self, path, holds, token=None, seconds=20, every_s=0.03):
        """The first answer of which `holds` is true, and when it came."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = await self.call("GET", path, token=token)
            if holds(answer):
                return answer, Moment.now()
            await asyncio.sleep(every_s)
        raise RuntimeError(f"{path} is still {answer}")

    async def until_playback(self, stream, holds, token=None, seconds=20):
        return await self.until(f"/streams/{stream}/playback", holds, token, seconds)

    async def until_by_whep(self, stream):
        """Until viewers can have the picture by WebRTC."""
        return await self.until_playback(stream, lambda now: now["whep"] and now["picture"]["state"] == "live")

    async def until_by_hls(self, stream, token=None):
        return await self.until_playback(stream, lambda now: now["hls"], token)
