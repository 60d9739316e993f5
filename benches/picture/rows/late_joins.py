"""2: an encoder by RTMP whose keyframes are 8 s apart, and viewers who come at random times."""
import asyncio
import random

from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.encoder import FPS, encoding
from picture.house import open_house
from picture.page import probe
from picture.shown import shown_after

KEYFRAMES_S = 8
# A viewer has caught up this long after the first frame; from then on it is looked at how far behind it is.
CAUGHT_UP_MS, WATCH_S = 2000, 3.2


async def measure(bench):
    async with open_house(bench) as house, chromium() as browser:
        token = await house.register("ana")
        stream = await house.live_stream(token)
        with encoding(await house.rtmp_url(token, stream), keyframe_every=KEYFRAMES_S * FPS):
            await house.until_playback(stream, lambda now: now["picture"]["state"] == "live")
            await asyncio.sleep(KEYFRAMES_S + 1)
            views = [await join(browser, house.page(stream)) for _ in range(bench.runs)]
    behind = [view.worst_age(CAUGHT_UP_MS) for view in views]
    caught_up = f"encoder to screen {CAUGHT_UP_MS / 1000:.0f} to {WATCH_S} s later, oldest frame of each run"
    return [
        Figure("`new RTCPeerConnection` to the first frame", [view.since_connection_ms for view in views]),
        Figure("start of navigation to the first frame", [view.first_ms for view in views], wanted="each < 1.2 s"),
        Figure(caught_up, behind, wanted="< 1 s"),
    ]


async def join(browser, url):
    await asyncio.sleep(random.random() * KEYFRAMES_S)
    async with browser.visit(url, probe(read_every=2)) as page:
        view = await shown_after(page, WATCH_S)
        first_age = view.ages[0][1] if view.ages else None
        say(f"{view.path}: first frame read was {first_age} ms old; {await page.value('connections.statistics()')}")
    return view
