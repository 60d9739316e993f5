"""comments: those of a room with 1,000 viewers, alone and beside 200 viewers of another stream's picture, in turn."""
import asyncio

from common.crowd import crowd
from common.table import Figure, say
from picture.house import open_house
from picture.rows.load import cores_used, on_air, report, viewers

VIEWERS, RATE, SECONDS = 1000, 500, 10
# Of the picture; they stay for longer than the comments take.
BESIDE, BESIDE_S = 200, 35
SETTLE_S, LOOK_S = 8, 5
FIGURES = [
    ("latency p50", "ms", lambda run: run["latency_ms"]["p50"]),
    ("latency p99", "ms", lambda run: run["latency_ms"]["p99"]),
    ("ack p50", "ms", lambda run: run["ack_ms"]["p50"]),
    ("ack p99", "ms", lambda run: run["ack_ms"]["p99"]),
    ("CPU a delivery, less that of the picture alone", "us", lambda run: run["cpu_us"]),
    ("events missed", "", lambda run: run["missed"]),
]


async def measure(bench):
    alone, beside, delivered = [], [], []
    for _ in range(bench.runs):
        async with open_house(bench) as house:
            alone.append(await comment(bench, house, "alone"))
        async with open_house(bench) as house:
            run, share = await comment_beside(bench, house)
        beside.append(run)
        delivered.append(share)
    figures = []
    for name, unit, of in FIGURES:
        figures.append(Figure(f"{name}, alone", [of(run) for run in alone], unit))
        figures.append(Figure(f"{name}, beside {BESIDE}", [of(run) for run in beside], unit, "unchanged"))
    packets = Figure("packets of the picture delivered", delivered, "%", ">= 99.9 %", more_is_better=True, decimals=3)
    return figures + [packets]


async def comment_beside(bench, house):
    async with on_air(bench, house) as stream:
        await asyncio.sleep(2)
        with viewers(bench, house, stream, BESIDE, BESIDE_S) as watching:
            await asyncio.sleep(SETTLE_S)
            cores = await cores_used(house.pid, LOOK_S)
            run = await comment(bench, house, f"beside {BESIDE}", cores)
            return run, (await report(watching))["share"]


async def comment(bench, house, name, picture_cores=0.0):
    """One run of the load tester; `picture_cores` are what the picture takes without it."""
    run = await asyncio.to_thread(crowd, bench.binary, [house.server], VIEWERS, RATE, SECONDS)
    run["cpu_us"] = (run["server"]["cores"] - picture_cores) * run["lasted_s"] * 1e6 / run["deliveries"]
    say(f"{name}: {run['deliveries_per_s']:.0f} deliveries/s, {run['breaches']} breaches, "
        f"{run['server']['cores']:.2f} cores, of them {picture_cores:.2f} for the picture")
    return run
