"""4: the same page where the network drops UDP, or all that goes to the port of pictures, and without H.264."""
import asyncio

from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.browsers.firefox import firefox
from picture.encoder import encoding
from picture.house import open_house
from picture.page import NO_PICTURES, NO_UDP, probe
from picture.shown import shown_after

WATCH_S = 1.5
# What of the network is dropped, by which way the picture then has to come, and how soon.
WAYS = [
    ("UDP open", "", ("whep", "udp"), ""),
    ("UDP dropped", NO_UDP, ("whep", "tcp"), "< 3 s"),
    ("UDP and TCP dropped", NO_PICTURES, ("hls", None), "< 7 s"),
]


async def measure(bench):
    async with open_house(bench) as house:
        token = await house.register("ana")
        stream = await house.live_stream(token)
        with encoding(await house.rtmp_url(token, stream)):
            await house.until_by_hls(stream)
            await asyncio.sleep(4)
            figures = await in_chromium(bench, house.page(stream))
            firsts = [await in_firefox(house.page(stream)) for _ in range(bench.runs)]
    name = "Firefox without H.264, by HLS: start of navigation to the first frame"
    return figures + [Figure(name, firsts, wanted="< 3 s")]


async def in_chromium(bench, url):
    figures = []
    async with chromium() as browser:
        for name, network, way, wanted in WAYS:
            views = [await watch(browser, url, network, way) for _ in range(bench.runs)]
            navigation, connection = zip(*views)
            figures += [Figure(f"{name}: start of navigation to the first frame", list(navigation), wanted=wanted),
                        Figure(f"{name}: `new RTCPeerConnection` to the first frame", list(connection))]
    return figures


async def watch(browser, url, network, way):
    """How soon the first frame was there; nothing where it came another way."""
    async with browser.visit(url, network, probe()) as page:
        view = await shown_after(page, WATCH_S)
        statistics = await page.value("connections.statistics()") or {}
    await asyncio.sleep(0.5)
    came = (view.path, statistics.get("protocol"))
    say(f"{came}, {view.frames} frames, first after {view.first_ms:.0f} ms")
    return (view.first_ms, view.since_connection_ms) if came == way else (None, None)


async def in_firefox(url):
    """In a profile that is new each time."""
    async with firefox() as browser:
        await browser.visit(url, probe())
        view = await shown_after(browser, WATCH_S)
    say(f"Firefox: {view.path}, {view.frames} frames, first after {view.first_ms:.0f} ms")
    return view.first_ms if view.path == "hls" else None
