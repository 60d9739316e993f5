"""The rows of the picture's acceptance: each is measured by a module of its own, against a server of its own."""
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from picture.rows import camera, checks, comments, ends, hls, host, junk, kills, late_joins, load, recordings, restart, rtmp, ways


@dataclass
class Bench:
    """What a row is measured with."""
    binary: str
    viewers_binary: str
    runs: int
    # A directory that is gone with the bench, for clips that several rows send.
    scratch: Path


@dataclass
class Row:
    """Its `measure` returns figures."""
    measure: Callable
    runs: int


ROWS = {
    "1": Row(camera.measure, 5),
    "2": Row(late_joins.measure, 10),
    "3": Row(rtmp.measure, 5),
    "4": Row(ways.measure, 5),
    "5": Row(hls.measure, 5),
    "6": Row(load.measure, 2),
    "7": Row(ends.measure, 5),
    "8": Row(kills.measure, 20),
    "9": Row(restart.measure, 5),
    "15": Row(checks.measure, 1),
    "18": Row(junk.measure, 1),
    "host": Row(host.measure, 5),
    "comments": Row(comments.measure, 3),
    "recordings": Row(recordings.measure, 4),
}
