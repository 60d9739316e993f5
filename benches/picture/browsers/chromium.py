"""Chromium, driven over the DevTools protocol. Its camera is the browser's own test picture."""
import asyncio
import json
import os
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from common.process import program, running_with_children
from common.table import say
from picture.browsers.tab import Tab

CHROMIUM = ("chromium", "chromium-browser")
START_S, CALL_S = 30, 60
FLAGS = """
    --headless=new --disable-gpu --disable-quic --no-first-run --disable-sync --disable-background-networking
    --disable-component-update --disable-dev-shm-usage --disable-background-timer-throttling
    --disable-renderer-backgrounding --disable-backgrounding-occluded-windows --hide-scrollbars
    --window-size=1440,900 --use-fake-device-for-media-stream --use-fake-ui-for-media-stream --remote-debugging-port=0
""".split()


@asynccontextmanager
async def chromium():
    """A browser, for as long as the block runs."""
    # Its sandbox does not run as root.
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with tempfile.TemporaryDirectory(prefix="livehouse-chromium-", ignore_cleanup_errors=True) as profile:
        command = [program(*CHROMIUM), *flags, f"--user-data-dir={profile}", "about:blank"]
        # What it leaves in the directory for temporary files goes with its profile, too.
        with running_with_children(command, env={**os.environ, "TMPDIR": profile}):
            url = await devtools(Path(profile, "DevToolsActivePort"))
            async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
                browser = Chromium(socket)
                reading = asyncio.create_task(browser.read())
                try:
                    yield browser
                finally:
                    reading.cancel()
                    for error in browser.errors[:5]:
                        say(f"a page complained: {error}")


async def devtools(port_file):
    """Where it listens, which it writes into its profile."""
    for _ in range(START_S * 20):
        lines = port_file.read_text().splitlines() if port_file.exists() else []
        if len(lines) >= 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        await asyncio.sleep(0.05)
    raise RuntimeError("Chromium has not started")


class Chromium:
    """One that runs, and its answers."""

    def __init__(self, socket):
        self.socket, self.number, self.waiting, self.errors = socket, 0, {}, []
        self.listeners = {}

    async def read(self):
        async for message in self.socket:
            told = json.loads(message.data)
            answered = self.waiting.pop(told.get("id"), None)
            if answered and not answered.done():
                answered.set_result(told)
            elif listener := self.listeners.get(told.get("method")):
                listener(told["params"])
            elif is_error(told):
                self.errors.append(json.dumps(told["params"])[:400])

    def hear(self, event, listener):
        """Has `listener` called with what an event carries."""
        self.listeners[event] = listener

    async def call(self, method, parameters=None, session=None):
        self.number += 1
        answered = self.waiting[self.number] = asyncio.get_running_loop().create_future()
        message = {"id": self.number, "method": method, "params": parameters or {}}
        await self.socket.send_str(json.dumps({**message, "sessionId": session} if session else message))
        answer = await asyncio.wait_for(answered, CALL_S)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    @asynccontextmanager
    async def visit(self, url, *scripts):
        """A page as a new visitor opens it: without cookies, and with nothing cached."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        try:
            place = {"url": "about:blank", "browserContextId": context}
            target = (await self.call("Target.createTarget", place))["targetId"]
            attached = await self.call("Target.attachToTarget", {"targetId": target, "flatten": True})
            tab = Tab(self, attached["sessionId"])
            await tab.open(url, scripts)
            yield tab
        finally:
            await self.call("Target.disposeBrowserContext", {"browserContextId": context})


def is_error(told):
    if told.get("method") == "Runtime.consoleAPICalled":
        return told["params"]["type"] == "error"
    return told.get("method") == "Runtime.exceptionThrown"
