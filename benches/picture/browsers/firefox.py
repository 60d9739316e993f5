"""Firefox, driven over WebDriver BiDi. It has no H.264 for WebRTC: the plugin that brings it is off."""
import asyncio
import json
import os
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from common.process import program, running_with_children

FIREFOX = ("firefox-esr", "firefox")
START_S, CALL_S = 60, 60
# After it listens it is busy with itself for a while, which is not what is measured.
SETTLE_S = 2
PREFERENCES = {
    "app.update.disabledForTesting": "true",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "media.autoplay.default": "0",
    "media.gmp-manager.updateEnabled": "false",
    "media.gmp-gmpopenh264.enabled": "false",
}


@asynccontextmanager
async def firefox():
    """A browser, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="livehouse-firefox-", ignore_cleanup_errors=True) as profile:
        lines = [f'user_pref("{name}", {value});\n' for name, value in PREFERENCES.items()]
        Path(profile, "user.js").write_text("".join(lines))
        command = [program(*FIREFOX), "--headless", "--no-remote", "--remote-debugging-port", "0",
                   "--profile", profile]
        with running_with_children(command, env={**os.environ, "TMPDIR": profile}):
            url = await bidi(Path(profile, "WebDriverBiDiServer.json"))
            async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
                browser = Firefox(socket)
                await browser.begin()
                yield browser
                await browser.call("session.end", {})


async def bidi(port_file):
    """Where it listens, which it writes into its profile."""
    for _ in range(START_S * 20):
        try:
            told = json.loads(port_file.read_text())
            return f"ws://{told['ws_host']}:{told['ws_port']}/session"
        except (OSError, ValueError):
            await asyncio.sleep(0.05)
    raise RuntimeError("Firefox has not started")


class Firefox:
    """One that runs, with one page."""

    def __init__(self, socket):
        self.socket, self.number, self.context = socket, 0, None

    async def begin(self):
        await self.call("session.new", {"capabilities": {}})
        self.context = (await self.call("browsingContext.getTree", {}))["contexts"][0]["context"]
        await asyncio.sleep(SETTLE_S)

    async def call(self, method, parameters):
        self.number += 1
        await self.socket.send_str(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            told = json.loads((await self.socket.receive(CALL_S)).data)
            if told.get("id") != self.number:
                continue
            if told["type"] != "success":
                raise RuntimeError(f"{method}: {told}")
            return told["result"]

    async def visit(self, url, *scripts):
        for script in scripts:
            await self.call("script.addPreloadScript", {"functionDeclaration": f"() => {{ {script} }}"})
        await self.call("browsingContext.navigate", {"context": self.context, "url": url, "wait": "none"})

    async def value(self, expression):
        """Of an expression in the page, or of what it promises."""
        asked = {"expression": f"(async () => JSON.stringify(await ({expression})) ?? 'null')()",
                 "target": {"context": self.context}, "awaitPromise": True}
        return json.loads((await self.call("script.evaluate", asked))["result"]["value"])

    async def until(self, condition, seconds=30):
        asked = f"(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})()"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if await self.value(asked):
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"never: {condition}; {await self.value('document.body.innerText.slice(0, 500)')}")
