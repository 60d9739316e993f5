"""A viewer by WHEP in this process, which knows when its last packet came and what it hears."""
import asyncio
from contextlib import asynccontextmanager

import aiohttp
import numpy
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from picture.clock import Moment


@asynccontextmanager
async def watching(url, token=None):
    """One that has its answer; what comes of it, it takes in the background."""
    viewer = Viewer()
    try:
        await viewer.connect(url, token)
        yield viewer
    finally:
        await viewer.connection.close()


class Viewer:
    """Of a picture with sound."""

    def __init__(self):
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.began = self.first = None
        self.frames = 0
        # Of each second of sound: its pitch in Hz, and how loud it is (root mean square of 16 bit samples).
        self.sounds, self.heard = [], []
        self.last_packets, self.takers = {}, []

    async def connect(self, url, token):
        self.began = Moment.now()
        self.connection.on("track", self.take_track)
        for kind in ("video", "audio"):
            transceiver = self.connection.addTransceiver(kind, direction="recvonly")
            self.note_packets(kind, transceiver.receiver)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        headers = {"content-type": "application/sdp", **({"authorization": f"Bearer {token}"} if token else {})}
        async with aiohttp.ClientSession() as http:
            async with http.post(url, data=self.connection.localDescription.sdp, headers=headers) as answer:
                text = await answer.text()
        if answer.status != 201:
            raise RuntimeError(f"WHEP: {answer.status} {text}")
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))

    def note_packets(self, kind, receiver):
        """Notes when each packet comes, which no interface of aiortc tells."""
        handle = receiver._handle_rtp_packet

        async def noted(packet, arrival_time_ms):
            self.last_packets[kind] = Moment.now()
            await handle(packet, arrival_time_ms)

        receiver._handle_rtp_packet = noted

    def take_track(self, track):
        take = self.see if track.kind == "video" else self.hear
        self.takers.append(asyncio.ensure_future(self.take(track, take)))

    async def take(self, track, take):
        try:
            while True:
                take(await track.recv())
        except MediaStreamError:
            pass  # it has ended

    def see(self, _frame):
        self.frames += 1
        self.first = self.first or Moment.now()

    def hear(self, frame):
        samples = frame.to_ndarray().astype(float).reshape(-1, len(frame.layout.channels))[:, 0]
        self.heard.extend(samples)
        if len(self.heard) >= frame.sample_rate:
            second, self.heard = numpy.array(self.heard), []
            self.sounds.append((pitch(second, frame.sample_rate), float(numpy.sqrt(numpy.mean(second**2)))))

    def first_ms(self):
        """From its offer to its first picture; None where there was none."""
        return self.first and self.first.ms_after(self.began)


def pitch(samples, rate):
    """The strongest one in Hz, between the lines of the spectrum by a parabola through the three highest."""
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples))))
    peak = int(numpy.argmax(spectrum[1:])) + 1
    if peak == len(spectrum) - 1:
        return peak * rate / len(samples)
    below, top, above = spectrum[peak - 1 : peak + 2]
    bent = below - 2 * top + above
    aside = 0.5 * (below - above) / bent if bent else 0
    return float((peak + aside) * rate / len(samples))
