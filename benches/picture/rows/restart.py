"""9: an encoder that is killed and comes back, and a second one beside it."""
import asyncio
import json
import subprocess
from contextlib import AsyncExitStack

from common.process import program
from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.clock import Moment
from picture.encoder import encoding, small_clip
from picture.house import open_house
from picture.page import probe
from picture.peers.publish import offer
from picture.peers.publisher import publishing

FRAMES = 20
# Before each kill, so that nothing of the last is left.
PLAY_S = 4
# Frames shown this soon after a kill are the last of the killed one.
LEFTOVER_MS = 400
# By how much the clock in a first picture may be earlier than what its encoder noted: they are rounded.
ROUNDED_MS = 3


async def measure(bench):
    figures = []
    async with open_house(bench) as house, chromium() as browser:
        token = await house.register("ana")
        for source in (ByWhip, ByRtmp):
            figures += await restarts(bench, house, browser, token, source)
    return figures


async def restarts(bench, house, browser, token, source):
    stream = await house.live_stream(token, source.name)
    encoder = source(house, await house.rtmp_url(token, stream))
    async with AsyncExitStack() as stack:
        await encoder.prepare(stack)
        await encoder.start(stack)
        await house.until_by_whep(stream)
        page = await stack.enter_async_context(browser.visit(house.page(stream), probe(source.read_every)))
        await page.until(f"picture.count > {FRAMES}")
        await asyncio.sleep(3)
        refused = [await is_refused(house, encoder.key) for _ in range(bench.runs)]
        refused.append(ffmpeg_is_refused(bench, encoder.url))
        seen, since_kill = [], []
        for _ in range(bench.runs):
            first, killed, shown_at = await restart(stack, encoder, page)
            seen.append(shown_at - first)
            since_kill.append(shown_at - killed)
        connections = (await page.value("connections.statistics()"))["connections"]
    return [
        Figure(f"{source.name}: seen again after {source.first_is}", seen, wanted="< 4 s"),
        Figure(f"{source.name}: seen again after the kill", since_kill),
        Figure(f"{source.name}: second encoders that were refused", [sum(refused)], "", f"{len(refused)}, by 409"),
        Figure(f"{source.name}: connections that the page made", [connections], "", "1"),
    ]


async def restart(stack, encoder, page):
    """By wall time: when the new one first sent, when the old one was killed, when the page showed something new."""
    await asyncio.sleep(PLAY_S)
    await encoder.prepare(stack)
    killed = Moment.now().wall_ms
    encoder.now.kill()
    await asyncio.sleep(0.2)
    begun = Moment.now().wall_ms
    first = await encoder.start(stack)
    await page.until(f"picture.shownAt.at(-1) > {max(killed + LEFTOVER_MS, begun)}")
    shown_at = await encoder.first_shown(page, first, begun)
    say(f"{encoder.name}: sent {first - killed:.0f} ms after the kill, seen {shown_at - first:.0f} ms later")
    return first, killed, shown_at


class ByWhip:
    """By aiortc; the next one waits for its sign while the one before it is killed."""
    name, first_is, read_every = "WHIP", "its first packet", 0

    def __init__(self, house, rtmp_url):
        self.whip, self.url, self.key = house.whip(), rtmp_url, rtmp_url.rsplit("/", 1)[1]
        self.now = self.next = None

    async def prepare(self, stack):
        self.next = await stack.enter_async_context(publishing(self.whip, self.key, at_once=False))

    async def start(self, _stack):
        self.now = self.next
        self.now.begin()
        first = await self.now.first_packet()
        say(f"{self.name}: answered {self.now.answers()}")
        return first

    async def first_shown(self, page, _first, begun):
        return await page.value(f"picture.shownAt.find((at) => at > {begun})")


class ByRtmp:
    """By ffmpeg; its first picture is known by the clock in it."""
    name, first_is, read_every = "RTMP", "its first raw frame", 1

    def __init__(self, _house, rtmp_url):
        self.url, self.key, self.now = rtmp_url, rtmp_url.rsplit("/", 1)[1], None

    async def prepare(self, stack):
        pass  # it starts soon enough

    async def start(self, stack):
        self.now = stack.enter_context(encoding(self.url))
        while self.now.first is None:
            await asyncio.sleep(0.005)
        return self.now.first.wall_ms

    async def first_shown(self, page, first, _begun):
        own = f"picture.ages.find(([at, age]) => performance.timeOrigin + at - age > {first - ROUNDED_MS})"
        await page.until(own)
        return await page.value(f"performance.timeOrigin + {own}[0]")


async def is_refused(house, key):
    """Whether a second encoder by WHIP is."""
    headers = {"content-type": "application/sdp", "authorization": f"Bearer {key}"}
    async with house.http.post(house.whip(), data=await offer(), headers=headers) as answer:
        code = json.loads(await answer.text()).get("code") if answer.status != 201 else None
    return (answer.status, code) == (409, "conflict")


def ffmpeg_is_refused(bench, url):
    """Whether a second encoder by RTMP is, which would otherwise send for two seconds."""
    command = [program("ffmpeg"), "-v", "error", "-re", "-i", small_clip(bench.scratch), "-t", "2", "-c", "copy",
               "-f", "flv", url]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    say(f"a second ffmpeg ends with {done.returncode}: {done.stderr.strip()[-120:]}")
    return done.returncode != 0
