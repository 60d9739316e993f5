"""A WebRTC peer by aiortc: publishes or views a picture, and says what happens in lines of JSON. It ends with its input.

peer.py publish|view URL [--token TOKEN] [--codec H264|VP8] [--fps N] [--through PORT] [--fingerprint HASH]

With --through it writes to that port of its own machine instead of the server's; with --fingerprint its offer names another
certificate than it has.
"""

import argparse
import asyncio
import fractions
import json
import re
import sys

import aiohttp
import av
import numpy
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpsender import RTCRtpSender

WIDTH, HEIGHT = 320, 240
AUDIO_RATE = 48_000
TONE_HZ = 440


def say(event, **members):
    print(json.dumps({"event": event, **members}), flush=True)


class Pattern(MediaStreamTrack):
    """A bar that moves."""

    kind = "video"

    def __init__(self, fps):
        super().__init__()
        self.fps, self.count, self.begun = fps, 0, None

    async def recv(self):
        loop = asyncio.get_event_loop()
        self.begun = self.begun or loop.time()
        await asyncio.sleep(max(0, self.begun + self.count / self.fps - loop.time()))
        pixels = numpy.zeros((HEIGHT, WIDTH, 3), numpy.uint8)
        place = self.count * 4 % WIDTH
        pixels[:, place : place + 24] = 255
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = self.count * 90_000 // self.fps, fractions.Fraction(1, 90_000)
        self.count += 1
        return frame


class Tone(MediaStreamTrack):
    """A sine of one pitch."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self.at, self.begun = 0, None

    async def recv(self):
        loop = asyncio.get_event_loop()
        self.begun = self.begun or loop.time()
        await asyncio.sleep(max(0, self.begun + self.at / AUDIO_RATE - loop.time()))
        times = (numpy.arange(960) + self.at) / AUDIO_RATE
        wave = (numpy.sin(2 * numpy.pi * TONE_HZ * times) * 8000).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self.at, fractions.Fraction(1, AUDIO_RATE)
        self.at += 960
        return frame


async def watch(track):
    count = 0
    while True:
        frame = await track.recv()
        count += 1
        if count == 1 or count % 10 == 0:
            say("picture", count=count, width=frame.width, height=frame.height)


async def hear(track):
    """Says how loud and how high it is, for each half second."""
    heard = []
    while True:
        frame = await track.recv()
        samples = frame.to_ndarray().astype(numpy.float64).reshape(-1, len(frame.layout.channels))[:, 0]
        heard.extend(samples)
        if len(heard) >= frame.sample_rate // 2:
            wave = numpy.array(heard)
            heard = []
            spectrum = numpy.abs(numpy.fft.rfft(wave * numpy.hanning(len(wave))))
            hertz = float(numpy.argmax(spectrum)) * frame.sample_rate / len(wave)
            say("sound", level=float(numpy.sqrt(numpy.mean(wave**2))), hertz=hertz)


async def until_ended(track, take):
    try:
        await take(track)
    except Exception as error:  # the end of a track is one, too
        say("ended", kind=track.kind, why=type(error).__name__)


def through(sdp, port):
    """With another address in its candidates by UDP, and none by TCP."""
    lines = []
    for line in sdp.splitlines():
        words = line.split(" ")
        if line.startswith("a=candidate:"):
            if words[2].lower() != "udp":
                continue
            words[4:6] = "127.0.0.1", port
        lines.append(" ".join(words))
    return "\r\n".join(lines) + "\r\n"


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("what", choices=["publish", "view"])
    options.add_argument("url")
    options.add_argument("--token")
    options.add_argument("--codec", default="H264")
    options.add_argument("--fps", type=int, default=20)
    options.add_argument("--through")
    options.add_argument("--fingerprint")
    asked = options.parse_args()
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tasks = []

    @peer.on("connectionstatechange")
    def changed():
        say("state", state=peer.connectionState)

    @peer.on("track")
    def arrived(track):
        tasks.append(asyncio.ensure_future(until_ended(track, watch if track.kind == "video" else hear)))

    if asked.what == "publish":
        video = peer.addTransceiver(Pattern(asked.fps), direction="sendonly")
        peer.addTransceiver(Tone(), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([codec for codec in codecs if codec.mimeType == f"video/{asked.codec}"])
    else:
        peer.addTransceiver("video", direction="recvonly")
        peer.addTransceiver("audio", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    headers = {"content-type": "application/sdp"}
    if asked.token:
        headers["authorization"] = f"Bearer {asked.token}"
    async with aiohttp.ClientSession() as http:
        offer = peer.localDescription.sdp
        if asked.fingerprint:
            offer = re.sub("a=fingerprint:.*", f"a=fingerprint:{asked.fingerprint}", offer)
        async with http.post(asked.url, data=offer, headers=headers) as answer:
            text = await answer.text()
            kept = ("location", "etag", "link", "content-type", "retry-after")
            told = {name: answer.headers.get(name) for name in kept}
            say("answered", status=answer.status, headers=told, text=text)
            if asked.through:
                text = through(text, asked.through)
            if answer.status == 201:
                await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)
    await peer.close()


asyncio.run(main())
