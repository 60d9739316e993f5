"""3: encoders by RTMP, without B-frames and with them, which WebRTC cannot carry."""
import asyncio

from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.encoder import FPS, encoding
from picture.house import open_house
from picture.page import probe
from picture.peers.viewer import watching
from picture.shown import shown_after

TONE_HZ = 440
LISTEN_S, WATCH_S = 5.5, 5
# Of the player: pictures so far, dropped ones, and the time in the media.
QUALITY = """(() => {
  const video = document.querySelector('.video');
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return [totalVideoFrames, droppedVideoFrames, video.currentTime];
})()"""


async def measure(bench):
    async with open_house(bench) as house, chromium() as browser:
        token = await house.register("ana")
        return await without_b_frames(bench, house, token) + await with_b_frames(bench, house, token, browser)


async def without_b_frames(bench, house, token):
    stream = await house.live_stream(token, "No B-frames")
    first, sounds = [], []
    with encoding(await house.rtmp_url(token, stream)):
        await house.until_by_whep(stream)
        await asyncio.sleep(2)
        for _ in range(bench.runs):
            async with watching(house.whep(stream)) as viewer:
                await asyncio.sleep(LISTEN_S)
                first.append(viewer.first_ms())
                sounds += viewer.sounds[1:]  # the first second begins in the middle
                say(f"{viewer.frames} pictures in {LISTEN_S} s, sound {viewer.sounds}")
    return [
        Figure("no B-frames: first picture by WHEP", first),
        Figure("no B-frames: pitch off 440 Hz", [abs(hz - TONE_HZ) / TONE_HZ * 100 for hz, _ in sounds], "%", "<= 1 %"),
        Figure("no B-frames: level of the sound", [level for _, level in sounds], "", "> 0", more_is_better=True),
    ]


async def with_b_frames(bench, house, token, browser):
    runs = [await with_b_frames_once(house, token, browser, f"B-frames {number}") for number in range(bench.runs)]
    told, told_after_raw, offered, rates = zip(*runs)
    return [
        Figure("B-frames: warning after the publisher is shown", list(told), wanted="< 2 s"),
        Figure("B-frames: warning after the encoder's first raw frame", list(told_after_raw)),
        Figure("B-frames: runs in which WHEP was offered", [sum(offered)], "", "0"),
        Figure("B-frames: pictures a second of media by HLS", list(rates), "", f"{FPS}", more_is_better=True),
    ]


async def with_b_frames_once(house, token, browser, title):
    stream = await house.live_stream(token, title)
    ingest = f"/streams/{stream}/ingest"
    with encoding(await house.rtmp_url(token, stream), b_frames=2, preset="veryfast") as encoder:
        _, seen = await house.until(ingest, lambda now: now["publisher"], token, every_s=0.01)
        _, warned = await house.until(ingest, lambda now: "b_frames" in now["warnings"], token, every_s=0.01)
        playback, _ = await house.until_by_hls(stream)
        async with browser.visit(house.page(stream), probe(read_every=15)) as page:
            await shown_after(page, 4)
            before = await page.value(QUALITY)
            view = await shown_after(page, WATCH_S)
            after = await page.value(QUALITY)
    await house.call("DELETE", f"/streams/{stream}", token=token)
    frames, dropped, media_s = (late - early for late, early in zip(after, before))
    say(f"{view.path}: {frames} pictures, {dropped} dropped in {media_s:.2f} s of media, {view.median_age()} ms old")
    offered = int(bool(playback["whep"]))
    return warned.ms_after(seen), warned.ms_after(encoder.first), offered, frames / media_s
