"""host: from nothing to a picture in another browser, by clicks alone; and from the home page to that picture."""
import asyncio

from common.table import Figure
from picture.browsers.chromium import chromium
from picture.browsers.studio import ON_AIR, PRIMARY, create_stream, press_live, register
from picture.house import open_house
from picture.page import probe
from picture.shown import shown

# So many frames in, the picture moves.
MOVES = 12


async def measure(bench):
    async with open_house(bench) as house, chromium() as hosts, chromium() as viewers:
        runs = [await once(house, hosts, viewers, f"ana{number}") for number in range(bench.runs)]
    of = lambda name: [run[name] for run in runs]
    return [
        Figure("clicks of the host", of("clicks"), ""),
        Figure("first click to the first frame in another browser (typing takes no time)", of("all")),
        Figure("*Go live* to the studio saying live", of("live")),
        Figure("*Go live* to the first frame in another browser", of("first")),
        Figure(f"*Go live* to the {MOVES + 1}th frame there: it moves", of("moves")),
        Figure("click on the home page to the first frame", of("home")),
    ]


async def once(house, hosts, viewers, name):
    """Clicks are here and frames in a browser, so that what is between them is told by wall time."""
    async with hosts.visit(house.url) as host:
        await host.until_seen(PRIMARY)
        await register(host, name)
        stream = await create_stream(host, "First night")
        async with viewers.visit(house.page(stream), probe(read_every=0)) as guest:
            await guest.until("document.querySelector('.waiting-room')")
            pressed = await press_live(host)
            live, _ = await asyncio.gather(host.until(ON_AIR), guest.until(f"picture.count > {MOVES}"))
            view = await shown(guest)
            home = await from_home(house, viewers)
    await asyncio.sleep(1)
    return {
        "clicks": len(host.clicks),
        "all": view.first_wall_ms - host.clicks[0].wall_ms,
        "live": live.ms_after(pressed),
        "first": view.first_wall_ms - pressed.wall_ms,
        "moves": view.shown_at[MOVES] - pressed.wall_ms,
        "home": home,
    }


async def from_home(house, viewers):
    """How soon a visitor of the home page sees the picture after one click."""
    async with viewers.visit(house.url, probe()) as visitor:
        await visitor.click(".card-link")
        await visitor.until(f"picture.count > {MOVES}")
        return (await shown(visitor)).first_wall_ms - visitor.clicks[0].wall_ms
