"""5: low-latency HLS, as a viewer has chosen it: how far behind it is, and what its playlists and segments hold."""
import asyncio
import io
import re
import subprocess
import tempfile
import time
from datetime import datetime

import av

from common.process import program
from common.table import Figure, say
from picture import clock
from picture.browsers.chromium import chromium
from picture.encoder import encoding
from picture.house import open_house
from picture.page import STABLE, probe
from picture.shown import shown_after

# The player is then at its distance from the live edge.
SETTLE_MS, WATCH_S = 5000, 11
WEBRTC_WATCH_S = 5
READ_S, BETWEEN_READS_S = 25, 0.5
PROBE = "-v error -count_frames -show_entries stream=codec_name,nb_read_frames,width -of compact=p=0:nk=1".split()


async def measure(bench):
    async with open_house(bench) as house, chromium() as browser:
        token = await house.register("ana")
        stream = await house.live_stream(token)
        with encoding(await house.rtmp_url(token, stream)):
            playback, _ = await house.until_by_hls(stream)
            await asyncio.sleep(6)
            views = [await watch(browser, house.page(stream)) for _ in range(bench.runs)]
            webrtc = await watch_by_webrtc(browser, house.page(stream))
            reader = Reader(house, playback["hls"].rsplit("/", 1)[0])
            await reader.read()
    totals = [view.median_age(SETTLE_MS) for view in views]
    return [
        Figure("encoder to screen, median of each run", totals),
        Figure("the same, oldest frame of each run", [view.worst_age(SETTLE_MS) for view in views]),
        # What the encoder takes is within what WebRTC takes from encoder to screen, and not more than that.
        Figure("server to screen: the first less all that WebRTC takes", [total - webrtc for total in totals],
               wanted="<= 2.0 s"),
        Figure("start of navigation to the first frame", [view.first_ms for view in views]),
        Figure("`PROGRAM-DATE-TIME` later than the clock in its segment", reader.later_ms),
        Figure(f"segments of {len(reader.segments)} that ffprobe cannot read", [reader.unreadable], "", "0"),
        Figure("rules of playlists broken", [len(reader.broken)], "", "0"),
    ]


async def watch(browser, url):
    async with browser.visit(url, STABLE, probe(read_every=5)) as page:
        view = await shown_after(page, WATCH_S)
        delay = await page.value("document.querySelector('.delay').textContent")
    say(f"{view.path}, {view.frames} frames, {view.median_age(SETTLE_MS)} ms old; the page says {delay!r}")
    return view


async def watch_by_webrtc(browser, url):
    """How old its frames are on the screen."""
    async with browser.visit(url, probe()) as page:
        return (await shown_after(page, WEBRTC_WATCH_S)).median_age()


class Reader:
    """Reads the playlist for a while, each segment of it once, and what Apple's rules say of both (RFC 8216bis)."""

    def __init__(self, house, folder):
        self.http, self.folder = house.http, folder
        self.segments, self.unreadable, self.broken, self.later_ms = set(), 0, set(), []

    async def read(self):
        until = time.monotonic() + READ_S
        while time.monotonic() < until:
            playlist = (await self.get("live.m3u8")).decode()
            self.check(playlist)
            head = await self.get(re.search(r'EXT-X-MAP:URI="([^"]+)"', playlist)[1])
            for name, dated in segments(playlist):
                if name not in self.segments:
                    self.segments.add(name)
                    await self.read_segment(head + await self.get(name), dated)
            await asyncio.sleep(BETWEEN_READS_S)
        say(f"{len(self.segments)} segments read; rules broken: {sorted(self.broken) or 'none'}")

    async def get(self, name):
        async with self.http.get(f"{self.folder}/{name}") as answer:
            answer.raise_for_status()
            return await answer.read()

    def check(self, playlist):
        """No part is longer than the target, no segment than its own, and a player is held back by three parts."""
        target = int(re.search(r"TARGETDURATION:(\d+)", playlist)[1])
        part = float(re.search(r"PART-TARGET=([\d.]+)", playlist)[1])
        held_back = float(re.search(r"PART-HOLD-BACK=([\d.]+)", playlist)[1])
        if held_back < 3 * part - 1e-9:
            self.broken.add(f"held back by {held_back}, parts of {part}")
        parts = re.findall(r"EXT-X-PART:DURATION=([\d.]+)", playlist)
        self.broken |= {f"a part of {length}" for length in parts if float(length) > part}
        lengths = re.findall(r"EXTINF:([\d.]+)", playlist)
        self.broken |= {f"a segment of {length}" for length in lengths if round(float(length)) > target}

    async def read_segment(self, data, dated):
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            file.write(data)
            file.flush()
            done = subprocess.run([program("ffprobe"), *PROBE, file.name], capture_output=True, text=True)
        self.unreadable += bool(done.returncode or done.stderr.strip())
        with av.open(io.BytesIO(data)) as media:
            drawn = clock.read(next(media.decode(video=0)).to_ndarray(format="gray"))
        if drawn is not None:
            self.later_ms.append(clock.ms_later(dated, drawn))


def segments(playlist):
    """Of each segment its name, and the wall time in milliseconds that it is dated with."""
    dated = None
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            dated = datetime.fromisoformat(line.split(":", 1)[1].replace("Z", "+00:00")).timestamp() * 1000
        if line.endswith(".m4s") and not line.startswith("#"):
            yield line, dated
