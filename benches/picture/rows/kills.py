"""8: a server that is killed while it records, again and again, and its replay after that."""
import asyncio
import datetime
import random
import subprocess
import tempfile
import time
from pathlib import Path

import aiohttp
import numpy

from common.process import kill, program
from common.server import serve
from common.table import Figure, say
from picture.browsers.chromium import chromium
from picture.clock import HEIGHT_SHARE, Moment, ms_later, read
from picture.encoder import HEIGHT, WIDTH, encoding
from picture.house import House
from picture.page import script

# From a comment until the kill: its picture is on the disk by then.
AFTER_COMMENT_S = (2.5, 6.5)
# Pictures, of 30 a second, from one keyframe to the next: a second, and as encoders do it that are left to themselves.
KEYFRAMES_EVERY = (30, 240)
# Once, between a kill and the next start.
AWAY_S = 20
BARS_HEIGHT = HEIGHT // HEIGHT_SHARE
# Of a film, in a page of its own: how far it was played, and what stopped it.
PLAYED = """new Promise((done) => {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, src: %r, playbackRate: 4 });
  video.onended = () => done({ seconds: video.currentTime });
  video.onerror = () => done({ error: video.error.message });
  document.body.append(video);
  video.play();
})"""
# How old the picture is that is shown.
SEEN = "window.clock.age(document.querySelector('.video'), performance.timeOrigin + performance.now())"
# The replay stands at a comment's moment, and the picture of that has come.
STANDS = "!document.querySelector('.video').seeking && document.querySelector('.video').readyState >= 2"


async def measure(bench):
    with tempfile.TemporaryDirectory(prefix="livehouse-kills-") as directory:
        async with aiohttp.ClientSession() as http:
            show, killed = Show(), []
            async with chromium() as browser:
                for number in range(bench.runs):
                    killed.append(await record_until_killed(bench, http, browser, directory, show, number))
                    await asyncio.sleep(AWAY_S if number == bench.runs // 2 else 0)
            with serve(bench.binary, directory, log="info") as server:
                house = House(server, http)
                await house.call("POST", f"/streams/{show.stream}/end", {}, show.token)
                path = f"/streams/{show.stream}/recording"
                ready, _ = await house.until(path, lambda now: now["state"] == "ready")
                films = sorted(Path(directory, "data", "media", show.stream).glob("*.mp4"))
                say(f"{len(films)} films of {ready['duration_ms'] / 1000:.0f} s")
                lost = [lost_s(film, at) for film, at in zip(films, killed, strict=True)]
                complaints = [len(probed(film)) for film in films]
                async with chromium() as browser:
                    played = [await plays(browser, house, run) for run in ready["runs"]]
                    apart = await comments_apart(browser, house, show)
    return [
        Figure("lost by a kill", lost, "s", "<= 2 s"),
        Figure("lines that ffprobe complains with, of a film", complaints, "", "0"),
        Figure("films that Chromium plays to their end", [sum(played)], "", str(len(killed)), more_is_better=True),
        Figure("a comment from its picture in the replay", apart, "ms", "<= 500 ms"),
    ]


class Show:
    """What is told of one stream over all starts of its server."""

    def __init__(self):
        self.token = self.stream = None
        # Of each comment's text, how old the picture was that a viewer saw as it was written, in ms.
        self.ages = {}


async def record_until_killed(bench, http, browser, directory, show, number):
    """By wall time: when the server was killed."""
    with serve(bench.binary, directory, log="info") as server:
        house = House(server, http)
        if show.stream is None:
            show.token = await house.register("ana")
            show.stream = await house.live_stream(show.token)
            await house.call("PATCH", f"/streams/{show.stream}/ingest", {"record": True}, show.token)
        with encoding(await house.rtmp_url(show.token, show.stream), keyframe_every=KEYFRAMES_EVERY[number % len(KEYFRAMES_EVERY)]):
            until = time.monotonic() + 30
            while not any(server.metrics("livehouse_recording_bytes_total").values()):
                if time.monotonic() > until:
                    raise RuntimeError("nothing is recorded")
                await asyncio.sleep(0.05)
            async with browser.visit(house.page(show.stream), script("clock.js")) as page:
                await page.until("document.querySelector('.video')?.getVideoPlaybackQuality().totalVideoFrames > 30")
                text = f"run {number}"
                show.ages[text] = await page.value(SEEN)
                await house.call("POST", f"/streams/{show.stream}/comments", {"content": text}, show.token)
            await asyncio.sleep(random.uniform(*AFTER_COMMENT_S))
            at = Moment.now().wall_ms
            kill(server.process)
            say(f"killed {number + 1} times")
            return at


def lost_s(film, killed):
    """From the last picture in a film to the kill."""
    command = [program("ffmpeg"), "-v", "error", "-i", film, "-vf", f"crop={WIDTH}:{BARS_HEIGHT}:0:0", "-f", "rawvideo",
               "-pix_fmt", "gray", "-"]
    frames = subprocess.run([str(word) for word in command], capture_output=True, stdin=subprocess.DEVNULL).stdout
    last = numpy.frombuffer(frames[-WIDTH * BARS_HEIGHT :], numpy.uint8).reshape(BARS_HEIGHT, WIDTH)
    # As if it were all of the picture.
    drawn = read(last.repeat(HEIGHT_SHARE, 0))
    return ms_later(killed, drawn) / 1000


def probed(film):
    command = [program("ffprobe"), "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", str(film)]
    return subprocess.run(command, capture_output=True, text=True).stderr.splitlines()


async def plays(browser, house, run):
    """Whether a film is played by Chromium to its end."""
    async with browser.visit(f"{house.url}/about") as page:
        await page.until("document.body")
        told = await page.value(PLAYED % run["url"])
        if "error" in told or abs(told["seconds"] * 1000 - run["duration_ms"]) > 200:
            say(f"{run['url']}: {told}, and it is of {run['duration_ms']} ms")
            return False
        return True


async def comments_apart(browser, house, show):
    """Of each comment, how far the picture at its moment is from the one that was seen as it was written, in ms."""
    comments = (await house.call("GET", f"/streams/{show.stream}/comments?order=asc"))["items"]
    apart = []
    async with browser.visit(house.page(show.stream), script("clock.js")) as page:
        await page.until("document.querySelectorAll('.scrub-parts span').length")
        await page.until(STANDS)
        for comment in comments:
            at = datetime.datetime.fromisoformat(comment["created_at"]).timestamp() * 1000
            await page.value("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }))")
            row = f"document.querySelector('.comment[data-id=\"{comment['id']}\"] .moment')"
            await page.until(row)
            await page.value(f"{row}.click()")
            await asyncio.sleep(0.3)
            await page.until(STANDS)
            age = await page.value(f"window.clock.age(document.querySelector('.video'), {at})")
            seen = show.ages[comment["content"]]
            say(f"{comment['content']}: written {seen} ms after its picture, shown {age} ms after it")
            apart.append(None if None in (age, seen) else abs(age - seen))
    return apart
