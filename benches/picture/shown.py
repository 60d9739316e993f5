"""What a page has shown so far, as the scripts of `page` have noted it."""
import asyncio
import statistics
from dataclasses import dataclass

FIRST_S = 25


@dataclass
class Shown:
    """Of one visit; what was never is None."""
    # From the start of navigation to the first frame.
    first_ms: float
    # From the page's first `new RTCPeerConnection` to the first frame.
    since_connection_ms: float
    # `whep` or `hls`.
    path: str
    frames: int
    # When each of the newest 3,000 frames was shown, by wall time.
    shown_at: list
    # Pairs: milliseconds since navigation, and how old the clock in the frame was when it reached the screen.
    ages: list
    # When navigation started, by wall time.
    began_wall_ms: float

    @property
    def first_wall_ms(self):
        return self.began_wall_ms + self.first_ms

    def ages_after(self, ms):
        """Of the frames that were shown that long after the first, or later."""
        return [age for at, age in self.ages if at - self.first_ms > ms]

    def median_age(self, after_ms=2000):
        ages = self.ages_after(after_ms)
        return statistics.median(ages) if ages else None

    def worst_age(self, after_ms=2000):
        return max(self.ages_after(after_ms), default=None)


async def shown(page):
    """What a page, in either browser, has shown so far."""
    seen = await page.value("({ ...picture, connectingAt: connections.firstAt, began: performance.timeOrigin })")
    first, connecting = seen["firstAt"], seen["connectingAt"]
    since_connection = None if first is None or connecting is None else first - connecting
    return Shown(first, since_connection, seen["path"], seen["count"], seen["shownAt"], seen["ages"], seen["began"])


async def shown_after(page, seconds):
    """What a page has shown so many seconds after it had its first frame."""
    await page.until("picture.firstAt !== null", FIRST_S)
    await asyncio.sleep(seconds)
    return await shown(page)
