"""15: the checks that came before the rows: both codecs, what is refused, and who joins when."""
from picture.browsers.chromium import chromium
from picture.house import open_house
from picture.rows.checks import codecs, joins, refusals


async def measure(bench):
    async with open_house(bench) as house, chromium() as browser:
        token = await house.register("ana")
        figures = await codecs.measure(house, token, browser)
        figures += await refusals.measure(house, token)
        async with chromium() as hosts:
            return figures + await joins.measure(house, hosts, browser)
