"""6: many viewers of one picture of 2.5 Mbit/s, by `examples/picture_viewers`, which decrypts nothing."""
import asyncio
import re
import subprocess
import time
from contextlib import asynccontextmanager

from common.process import cpu_seconds, memory_kb, running
from common.table import Figure, say
from picture.encoder import full_clip, sending
from picture.house import open_house

VIEWERS, SECONDS = 400, 20
# As the example has it: between the beginnings of two viewers.
APART_S = 0.015
# After the last has begun, until CPU time is looked at, and for how long.
SETTLE_S, LOOK_S = 5, 12
REPORT = re.compile(
    r"(?P<viewers>\d+) viewers, (?P<failed>\d+) failed; \d+ of \d+ packets \((?P<share>[\d.]+) %\), (?P<mbit>[\d.]+) "
    r"Mbit/s each; first packet after (?P<median>\d+) ms \(median\), (?P<most>\d+) ms")


async def measure(bench):
    runs = [await once(bench) for _ in range(bench.runs)]
    of = lambda name: [run[name] for run in runs]
    return [
        Figure(f"packets delivered to {VIEWERS} viewers", of("share"), "%", ">= 99.9 %", more_is_better=True,
               decimals=3),
        # Less than what is sent where the machine is too slow for all of it: then the encoder waits, too.
        Figure("what each viewer gets", of("mbit"), "Mbit/s", "2.5 Mbit/s", more_is_better=True),
        Figure("the server's CPU", of("cpu"), "% of a core", "<= 35 %"),
        Figure("the server's memory for each viewer", of("memory"), "kB", "<= 400 kB"),
        Figure("first packet after an offer, median", of("median")),
        Figure("first packet after an offer, 95 %", of("most")),
        Figure("viewers that failed", of("failed"), "", "0"),
    ]


async def once(bench):
    async with open_house(bench) as house:
        async with on_air(bench, house) as stream:
            await asyncio.sleep(3)
            before = memory_kb(house.pid)
            with viewers(bench, house, stream, VIEWERS, SECONDS) as crowd:
                await asyncio.sleep(VIEWERS * APART_S + SETTLE_S)
                cpu = 100 * await cores_used(house.pid, LOOK_S)
                memory = (memory_kb(house.pid) - before) / VIEWERS
                return {"cpu": cpu, "memory": memory, **await report(crowd)}


@asynccontextmanager
async def on_air(bench, house):
    """A stream with a picture that viewers get by WHEP, for as long as the block runs."""
    token = await house.register("ana")
    stream = await house.live_stream(token)
    with sending(await house.rtmp_url(token, stream), full_clip(bench.scratch)):
        await house.until_by_whep(stream)
        yield stream


def viewers(bench, house, stream, count, seconds):
    """The example, which counts for so many seconds once all of them are there."""
    address = house.url.removeprefix("http://")
    return running([bench.viewers_binary, address, stream, count, seconds], stdout=subprocess.PIPE, text=True)


async def report(crowd):
    """What the example found in the end."""
    text, _ = await asyncio.to_thread(crowd.communicate)
    say(text.strip())
    return {name: float(value) for name, value in REPORT.search(text).groupdict().items()}


async def cores_used(pid, seconds):
    cpu, began = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_seconds(pid) - cpu) / (time.monotonic() - began)
