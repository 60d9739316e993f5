"""Two clocks, and the one of them that is drawn into pictures.

Where both ends of a time are in one process it is told by the monotonic clock. What crosses processes, such as a
frame from its encoder to a page, is told by wall time: all of them are on one machine, whose clock nothing may set
meanwhile.

A picture carries the wall time in its top rows: 32 bars, white for 1 and black for 0; 24 bits of milliseconds, then 8
of a checksum, so that bars which an encoder has smeared are not taken for a time. `page/clock.js` does the same.
"""
import time
from typing import NamedTuple

import numpy

BARS = 32
MODULUS = 2**24
# Of a picture's height, what the bars take.
HEIGHT_SHARE = 18
BLACK, WHITE = 16, 235


class Moment(NamedTuple):
    """A point in time by both clocks."""
    monotonic_s: float
    wall_ms: float

    @classmethod
    def now(cls):
        return cls(time.monotonic(), time.time() * 1000)

    def ms_after(self, earlier):
        return (self.monotonic_s - earlier.monotonic_s) * 1000


def checksum(ms):
    return (ms ^ (ms >> 8) ^ (ms >> 16) ^ 0x5A) & 0xFF


def ms_later(wall_ms, drawn_ms):
    """How much later a wall time is than one that was read from a picture; earlier where it is negative."""
    return (wall_ms - drawn_ms + MODULUS / 2) % MODULUS - MODULUS / 2


def draw(luma, wall_ms):
    """Draws the time into a plane of brightness; its width is a multiple of 32."""
    height, width = luma.shape
    ms = int(round(wall_ms)) % MODULUS
    number = ms << 8 | checksum(ms)
    bits = numpy.array([number >> (BARS - 1 - bar) & 1 for bar in range(BARS)], numpy.uint8)
    luma[: height // HEIGHT_SHARE] = numpy.repeat(bits * (WHITE - BLACK) + BLACK, width // BARS)


def read(luma):
    """The milliseconds in a plane of brightness, or None where the bars cannot be read."""
    height, width = luma.shape
    row = luma[max(1, height // HEIGHT_SHARE // 2)]
    number = 0
    for bar in range(BARS):
        number = number << 1 | int(row[int((bar + 0.5) * width / BARS)] > 127)
    ms, sum_of_it = number >> 8, number & 0xFF
    return ms if checksum(ms) == sum_of_it else None
