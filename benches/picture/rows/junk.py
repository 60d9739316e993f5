"""18: a gigabyte of datagrams that mean nothing, to the port of the picture, beside 100 viewers."""
import asyncio
import os
import socket
import struct
import time
from itertools import cycle

from common.process import memory_kb
from common.table import Figure, say
from picture.house import open_house
from picture.rows.load import on_air, report, viewers

VIEWERS, SECONDS = 100, 22
BYTES, MOST_S = 1e9, 14
# Now and then the sender rests, as a network would make it: else loopback alone is measured.
IN_A_ROW, REST_S = 60, 0.0007
MAGIC_COOKIE = 0x2112A442  # RFC 8489, section 5
ATTRIBUTES = 363  # as many empty ones as a datagram of 1,472 bytes has room for


async def measure(bench):
    runs = [await once(bench) for _ in range(bench.runs)]
    of = lambda name: [run[name] for run in runs]
    return [
        Figure(f"packets delivered to {VIEWERS} viewers beside it", of("share"), "%", "100 %", more_is_better=True,
               decimals=3),
        Figure("viewers that failed", of("failed"), "", "0"),
        Figure("junk sent", of("mb"), "MB", "1,000 MB", more_is_better=True),
        Figure("the server's memory grows by", of("memory"), "kB", "flat"),
        Figure("its log grows by", of("log"), "bytes", "0"),
    ]


async def once(bench):
    async with open_house(bench) as house:
        async with on_air(bench, house) as stream:
            with viewers(bench, house, stream, VIEWERS, SECONDS) as crowd:
                await asyncio.sleep(4)
                memory, log = memory_kb(house.pid), log_bytes(house)
                sent = await asyncio.to_thread(flood, house.server.media)
                run = {"mb": sent / 1e6, "memory": memory_kb(house.pid) - memory, "log": log_bytes(house) - log}
                say(f"junk: {run}")
                return {**run, **await report(crowd)}


def log_bytes(house):
    return house.server.log.stat().st_size


def flood(address):
    """Sends until enough has gone, or for as long as the viewers stay; gives the number of bytes."""
    sent, deadline = 0, time.monotonic() + MOST_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number, datagram in enumerate(cycle(datagrams())):
            if sent >= BYTES or time.monotonic() > deadline:
                return sent
            sent += sender.sendto(datagram, address)
            if number % IN_A_ROW == 0:
                time.sleep(REST_S)


def datagrams():
    """Of every kind that shares the port (RFC 7983): STUN, DTLS, RTP, and what is none of them."""
    nothing = [os.urandom(1400) for _ in range(64)]
    begins = [bytes(first) + os.urandom(1400 - len(first)) for first in ([0], [1], [2], [3], [22, 254, 253], [128, 96])]
    others = nothing + begins
    return [stun() if number % 4 == 0 else other for number, other in enumerate(others * 4)]


def stun():
    attributes = struct.pack("!HH", 1, 0) * ATTRIBUTES
    return struct.pack("!HHI", 1, len(attributes), MAGIC_COOKIE) + os.urandom(12) + attributes
