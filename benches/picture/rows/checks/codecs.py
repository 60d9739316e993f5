"""H.264 and VP8 by WHIP: the rate of the picture, a viewer who was there before it, a change of codec, and its end."""
import asyncio
from contextlib import AsyncExitStack

from common.table import Figure, say
from picture.clock import Moment
from picture.page import probe
from picture.peers.publish import FPS
from picture.peers.publisher import publishing
from picture.shown import shown_after

LOOK_S = 5
STOPPED = "/has stopped/.test(document.querySelector('.told').textContent)"
# Frames that are shown this soon after a first packet was sent are still of the source before.
LEFTOVER_MS = 20
NONE_S = 45
WATCHING = probe(read_every=0)


async def measure(house, token, browser):
    return await check(house, token, browser, "H264", "VP8") + await check(house, token, browser, "VP8", None)


async def check(house, token, browser, codec, then):
    """One codec; with `then` its publisher is killed and one of the other codec takes its place."""
    stream = await house.live_stream(token, codec)
    key = await house.key(token, stream)
    figures = []
    async with AsyncExitStack() as stack:
        early = await stack.enter_async_context(browser.visit(house.page(stream), WATCHING))
        await early.until("document.querySelector('.stage')")
        await asyncio.sleep(2)
        publisher = await stack.enter_async_context(publishing(house.whip(), key, codec))
        first = await publisher.first_packet()
        view = await shown_after(early, 0)
        figures.append(Figure(f"{codec}: viewer before the publisher, first frame after its first packet",
                              [view.first_wall_ms - first], wanted="< 2 s"))
        late = await stack.enter_async_context(browser.visit(house.page(stream), WATCHING))
        figures += await watch(late, codec)
        if then:
            following = await stack.enter_async_context(publishing(house.whip(), key, then, at_once=False))
            figures += await replace(publisher, following, late, codec, then)
            publisher = following
        figures += await stop(house, stream, publisher, late, codec, until_none=not then)
    return figures


async def watch(page, codec):
    view = await shown_after(page, 0)
    before = await page.value("connections.statistics()")
    await asyncio.sleep(LOOK_S)
    after = await page.value("connections.statistics()")
    rate = (after["decoded"] - before["decoded"]) / LOOK_S
    return [
        Figure(f"{codec}: `new RTCPeerConnection` to the first frame", [view.since_connection_ms], wanted="< 2 s"),
        Figure(f"{codec}: frames decoded a second, {FPS} sent", [rate], "", ">= 15", more_is_better=True),
    ]


async def replace(publisher, following, page, codec, then):
    killed = Moment.now().wall_ms
    publisher.kill()
    following.begin()
    first = await following.first_packet()
    await page.until(f"picture.shownAt.at(-1) > {first + LEFTOVER_MS}")
    seen = await page.value(f"picture.shownAt.find((at) => at > {first})")
    await asyncio.sleep(1)
    told = await page.value("connections.statistics()")
    say(f"{codec} to {then}: {told}, answers to the second {following.answers()}")
    return [
        Figure(f"{codec} killed, {then} in its place: first frame after its first packet", [seen - first]),
        Figure(f"{codec} killed, {then} in its place: first frame after the kill", [seen - killed], wanted="< 3 s"),
        Figure(f"{codec} killed, {then} in its place: connections of the viewer", [told["connections"]], "", "1"),
    ]


async def stop(house, stream, publisher, page, codec, until_none):
    killed = Moment.now()
    publisher.kill()
    _, stalled = await house.until_playback(stream, lambda now: now["picture"]["state"] == "stalled")
    said = await page.until(STOPPED)
    figures = [
        Figure(f"{codec} killed: `stalled` after", [stalled.ms_after(killed)], wanted="< 4 s"),
        Figure(f"{codec} killed: the page says so after", [said.ms_after(killed)], wanted="< 4 s"),
    ]
    if until_none:
        _, gone = await house.until_playback(stream, lambda now: now["picture"]["state"] == "none", seconds=NONE_S)
        figures.append(Figure(f"{codec} killed: `none` after", [gone.ms_after(killed) / 1000], "s"))
    return figures
