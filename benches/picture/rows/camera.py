"""1: a camera in the studio of one browser, seen in the room's page of another."""
import asyncio

from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.browsers.studio import ON_AIR, create_stream, press_live, register
from picture.house import open_house
from picture.page import CAMERA, probe
from picture.shown import shown_after

# Until the sender's estimate of its bandwidth has grown.
SETTLE_S = 8
WATCH_S = 6


async def measure(bench):
    async with open_house(bench) as house, chromium() as hosts, chromium() as viewers:
        async with hosts.visit(house.url, CAMERA) as host:
            await register(host, "ana")
            stream = await create_stream(host, "Camera")
            await press_live(host)
            await host.until(ON_AIR)
            await asyncio.sleep(SETTLE_S)
            views = [await watch(viewers, house.page(stream)) for _ in range(bench.runs)]
    connected = [view.since_connection_ms for view in views]
    return [
        Figure("camera to screen, median of each run", [view.median_age() for view in views], wanted="< 500 ms"),
        Figure("the same, oldest frame of each run", [view.worst_age() for view in views]),
        Figure("`new RTCPeerConnection` to the first frame", connected, wanted="< 1 s"),
        Figure("start of navigation to the first frame", [view.first_ms for view in views]),
    ]


async def watch(browser, url):
    async with browser.visit(url, probe()) as page:
        view = await shown_after(page, WATCH_S)
        say(f"{view.path}, {view.frames} frames: {await page.value('connections.statistics()')}")
    await asyncio.sleep(1)
    return view
