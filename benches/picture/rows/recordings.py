"""recordings: comments of a room with 1,000 viewers beside ten pictures, which are recorded or not, in turn."""
import asyncio
from contextlib import AsyncExitStack

from common.crowd import crowd
from common.table import Figure, say
from picture.encoder import full_clip, sending
from picture.house import open_house

VIEWERS, RATE, SECONDS = 1000, 50, 15
PICTURES = 10
SETTLE_S = 4
FIGURES = [
    ("ack p50", "ms", lambda run: run["ack_ms"]["p50"]),
    ("ack p99", "ms", lambda run: run["ack_ms"]["p99"]),
    ("latency p99", "ms", lambda run: run["latency_ms"]["p99"]),
    ("the server's CPU", "cores", lambda run: run["server"]["cores"]),
    ("events missed", "", lambda run: run["missed"]),
    ("MB recorded meanwhile", "", lambda run: run["recorded_mb"]),
]


async def measure(bench):
    runs = {False: [], True: []}
    for number in range(bench.runs):
        # Whichever comes first has a machine that is as busy.
        for recorded in (False, True) if number % 2 == 0 else (True, False):
            runs[recorded].append(await once(bench, recorded))
    figures = []
    for name, unit, of in FIGURES:
        for recorded, told in ((False, "not recorded"), (True, "recorded")):
            figures.append(Figure(f"{name}, {told}", [of(run) for run in runs[recorded]], unit))
    return figures


async def once(bench, recorded):
    async with open_house(bench) as house, AsyncExitStack() as stack:
        for number in range(PICTURES):
            token = await house.register(f"host{number}")
            stream = await house.live_stream(token)
            await house.call("PATCH", f"/streams/{stream}/ingest", {"record": recorded}, token)
            stack.enter_context(sending(await house.rtmp_url(token, stream), full_clip(bench.scratch)))
        await asyncio.sleep(SETTLE_S)
        run = await asyncio.to_thread(crowd, bench.binary, [house.server], VIEWERS, RATE, SECONDS)
        run["recorded_mb"] = sum(house.server.metrics("livehouse_recording_bytes_total").values()) / 1e6
        holes = house.server.metrics("livehouse_recording_holes_total")
        say(f"{'recorded' if recorded else 'not recorded'}: ack p99 {run['ack_ms']['p99']} ms, "
            f"{run['server']['cores']:.2f} cores, {run['recorded_mb']:.0f} MB, holes {holes}")
        return run
