"""Who joins a camera right away, after 5 s and after 30 s; and ten at once, who ask the host for few keyframes."""
import asyncio
from contextlib import AsyncExitStack

from common.table import Figure, say
from picture.browsers.studio import ON_AIR, create_stream, press_live, register
from picture.clock import Moment
from picture.page import probe
from picture.peers.viewer import watching
from picture.shown import shown_after

JOINS_S = (0, 5, 30)
AT_ONCE, AT_ONCE_S = 10, 15
QUIET_S = 6
WATCHING = probe(read_every=0)
# How many keyframes the host's browser has been asked for.
ASKED = "connections.statistics().then((told) => told.keyframesAsked)"


async def measure(house, hosts, viewers):
    async with hosts.visit(house.url, probe()) as host:
        await register(host, "hal")
        stream = await create_stream(host, "Camera")
        await press_live(host)
        return await join_in_time(house, viewers, host, stream) + await join_at_once(house, host, stream)


async def join_in_time(house, viewers, host, stream):
    figures = []
    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(viewers.visit(house.page(stream), WATCHING))
        live = await host.until(ON_AIR)
        for seconds in JOINS_S:
            await asyncio.sleep(max(0, seconds - Moment.now().ms_after(live) / 1000))
            if seconds:
                page = await stack.enter_async_context(viewers.visit(house.page(stream), WATCHING))
            view = await shown_after(page, 0)
            figures.append(Figure(f"joined {seconds} s after *Go live*: `new RTCPeerConnection` to the first frame",
                                  [view.since_connection_ms], wanted="< 2 s"))
    return figures


async def join_at_once(house, host, stream):
    before = await host.value(ASKED)
    await asyncio.sleep(QUIET_S)
    unasked = await host.value(ASKED)
    async with AsyncExitStack() as stack:
        began = Moment.now()
        joining = [stack.enter_async_context(watching(house.whep(stream))) for _ in range(AT_ONCE)]
        viewers = await asyncio.gather(*joining)
        while not all(viewer.first for viewer in viewers) and Moment.now().ms_after(began) < AT_ONCE_S * 1000:
            await asyncio.sleep(0.02)
        took_ms, asked = Moment.now().ms_after(began), await host.value(ASKED) - unasked
    say(f"{AT_ONCE} joins in {took_ms:.0f} ms; before, {unasked - before} keyframes were asked for in {QUIET_S} s")
    firsts = [viewer.first_ms() for viewer in viewers]
    return [
        Figure(f"{AT_ONCE} joins at once: offer to the first picture", firsts, wanted="< 2 s"),
        Figure(f"{AT_ONCE} joins at once: keyframes asked of the host", [asked], "", "<= 1 in 300 ms"),
    ]
