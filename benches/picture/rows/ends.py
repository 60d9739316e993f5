"""7: how soon nobody gets the picture any more: a new key, the end of a stream, its deletion, a member removed."""
import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from common.table import Figure, say
from picture.clock import Moment
from picture.encoder import sending, small_clip
from picture.house import open_house
from picture.peers.publisher import publishing
from picture.peers.viewer import watching

# What a host does, as a request; `{}` is the stream.
ACTS = {
    "new key": ("POST", "/streams/{}/ingest/rotate"),
    "end": ("POST", "/streams/{}/end"),
    "delete": ("DELETE", "/streams/{}"),
    "member removed": ("DELETE", "/streams/{}/members/bob"),
}
FRAMES, FRAMES_S = 20, 15
# Before the act the playlist is asked for this long, and after it until nothing more can come.
BEFORE_S, AFTER_S = 0.5, 2.5
BETWEEN_POLLS_S = 0.02


@dataclass
class Answer:
    """One to a request for the playlist."""
    asked: Moment
    came: Moment
    status: int
    text: str


async def measure(bench):
    figures = []
    async with open_house(bench) as house:
        ana, bob = await house.register("ana"), await house.register("bob")
        for act in ACTS:
            for source, runs in (("RTMP", bench.runs), ("WHIP", 1)):
                ends = [await once(bench, house, ana, bob, act, source) for _ in range(runs)]
                packet, gone, new = zip(*ends)
                figures += [
                    Figure(f"{act}, {source}: last packet of the picture by WHEP", list(packet), wanted="<= 1 s"),
                    Figure(f"{act}, {source}: HLS is 404", list(gone), wanted="<= 1 s"),
                    Figure(f"{act}, {source}: last that was new in its playlist", list(new)),
                ]
    return figures


async def once(bench, house, ana, bob, act, source):
    """The times after the act; before it where they are negative."""
    stream = await house.live_stream(ana, act)
    token = bob if act == "member removed" else None
    if token:
        await house.call("PUT", f"/streams/{stream}/members/bob", {}, ana)
        await house.call("PATCH", f"/streams/{stream}", {"visibility": "private"}, ana)
    async with AsyncExitStack() as stack:
        await begin(stack, bench, house, ana, stream, source)
        playback, _ = await house.until_by_hls(stream, token)
        viewer = await stack.enter_async_context(watching(house.whep(stream), token))
        await until_it_moves(viewer)
        answers = []
        polling = asyncio.create_task(poll(house, playback["hls"].replace("master", "live"), answers))
        stack.callback(polling.cancel)
        await asyncio.sleep(BEFORE_S)
        acted = await do(house, ana, act, stream)
        await asyncio.sleep(AFTER_S)
    if act != "delete":
        await house.request("DELETE", f"/streams/{stream}", token=ana)
    last_ms = viewer.last_packets["video"].ms_after(acted)
    gone_ms, new_ms = playlist_ends(answers, acted)
    sound_ms = viewer.last_packets["audio"].ms_after(acted)
    gone = "never" if gone_ms is None else f"{gone_ms:.0f} ms after it"
    say(f"{act}, {source}: last picture {last_ms:.0f} ms, last sound {sound_ms:.0f} ms, HLS 404 {gone}")
    return last_ms, gone_ms, new_ms


async def begin(stack, bench, house, token, stream, source):
    """Has an encoder send for as long as the stack lasts."""
    if source == "RTMP":
        stack.enter_context(sending(await house.rtmp_url(token, stream), small_clip(bench.scratch)))
        return
    publisher = await stack.enter_async_context(publishing(house.whip(), await house.key(token, stream)))
    await publisher.first_packet()


async def until_it_moves(viewer):
    began = Moment.now()
    while viewer.frames < FRAMES and Moment.now().ms_after(began) < FRAMES_S * 1000:
        await asyncio.sleep(0.05)


async def poll(house, url, answers):
    """Asks for the playlist over and over, and keeps the answers."""
    while True:
        asked = Moment.now()
        async with house.http.get(url) as answer:
            text = await answer.text()
        answers.append(Answer(asked, Moment.now(), answer.status, text))
        await asyncio.sleep(BETWEEN_POLLS_S)


async def do(house, token, act, stream):
    method, path = ACTS[act]
    acted = Moment.now()
    await house.call(method, path.format(stream), {} if method == "POST" else None, token)
    return acted


def playlist_ends(answers, acted):
    """After how many milliseconds it was first 404, and when it last held anything new; 0 where that was before."""
    later = [answer.came.ms_after(acted) for answer in answers if answer.status == 404 and answer.asked >= acted]
    new = [answer.came.ms_after(acted) for before, answer in zip(answers, answers[1:])
           if answer.status == 200 and answer.text != before.text and answer.came > acted]
    return later[0] if later else None, max(new, default=0)
