"""An encoder by WHIP, as a process of its own: `python -m picture.peers.publish URL KEY CODEC`.

It waits for a line on standard input, and tries again each 300 ms while it is refused with 409, as encoders do. What
happens it says in lines of JSON with the wall time: ready, begin, answered, first (its first packet of a picture).
"""
import asyncio
import fractions
import json
import sys
import time

import aiohttp
import av
import numpy
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpsender import RTCRtpSender

WIDTH, HEIGHT, FPS, VIDEO_RATE = 640, 360, 25, 90_000
AUDIO_RATE, SAMPLES, TONE_HZ, VOLUME = 48_000, 960, 440, 8000
TRIES, BETWEEN_TRIES_S = 40, 0.3
# Packets of sound and of statistics are smaller than this.
PICTURE_BYTES = 400


class Pattern(MediaStreamTrack):
    """A bar that moves."""
    kind = "video"

    def __init__(self):
        super().__init__()
        self.count, self.begun = 0, None

    async def recv(self):
        self.begun = self.begun or time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.count / FPS - time.monotonic()))
        pixels = numpy.zeros((HEIGHT, WIDTH, 3), numpy.uint8)
        place = self.count * 5 % (WIDTH - 40)
        pixels[:, place : place + 40] = 255
        pixels[::9, :, 1] = self.count * 3 % 255
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = self.count * VIDEO_RATE // FPS, fractions.Fraction(1, VIDEO_RATE)
        self.count += 1
        return frame


class Tone(MediaStreamTrack):
    """A sine of one pitch."""
    kind = "audio"

    def __init__(self):
        super().__init__()
        self.at, self.begun = 0, None

    async def recv(self):
        self.begun = self.begun or time.monotonic()
        await asyncio.sleep(max(0, self.begun + self.at / AUDIO_RATE - time.monotonic()))
        phase = 2 * numpy.pi * TONE_HZ * (numpy.arange(SAMPLES) + self.at) / AUDIO_RATE
        wave = (numpy.sin(phase) * VOLUME).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self.at, fractions.Fraction(1, AUDIO_RATE)
        self.at += SAMPLES
        return frame


async def offering(codec="H264"):
    """A connection that has made its offer of a picture and of sound."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    picture = connection.addTransceiver(Pattern(), direction="sendonly")
    connection.addTransceiver(Tone(), direction="sendonly")
    known = RTCRtpSender.getCapabilities("video").codecs
    picture.setCodecPreferences([one for one in known if one.mimeType == f"video/{codec}"])
    await connection.setLocalDescription(await connection.createOffer())
    return connection


async def offer():
    """The SDP of one that never comes to be."""
    connection = await offering()
    sdp = connection.localDescription.sdp
    await connection.close()
    return sdp


def say(event, **members):
    print(json.dumps({"event": event, "at": time.time() * 1000, **members}), flush=True)


def tell_first_packet():
    """Has aiortc tell when it first sends a packet of a picture, which no interface of it does."""
    send, told = RTCDtlsTransport._send_rtp, []

    async def sent(self, data):
        await send(self, data)
        if len(data) > PICTURE_BYTES and not told:
            told.append(True)
            say("first")

    RTCDtlsTransport._send_rtp = sent


async def publish(url, key, codec):
    tell_first_packet()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    say("begin")
    async with aiohttp.ClientSession() as http:
        for _ in range(TRIES):
            connection = await offering(codec)
            if await is_accepted(http, url, key, connection):
                await asyncio.Event().wait()
            await connection.close()
            await asyncio.sleep(BETWEEN_TRIES_S)


async def is_accepted(http, url, key, connection):
    headers = {"content-type": "application/sdp", "authorization": f"Bearer {key}"}
    async with http.post(url, data=connection.localDescription.sdp, headers=headers) as answer:
        text = await answer.text()
    say("answered", status=answer.status)
    if answer.status != 201:
        return False
    await connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
    return True


if __name__ == "__main__":
    asyncio.run(publish(*sys.argv[1:]))
