"""What was measured, as a Markdown table: of each figure what is wanted, the median of its runs and the worst."""
import os
import platform
import statistics
import sys
from dataclasses import dataclass


@dataclass
class Figure:
    """One thing that was measured in several runs; None stands for a run in which it never happened."""
    what: str
    values: list
    unit: str = "ms"
    wanted: str = ""
    more_is_better: bool = False
    # How many digits after the point, where three significant ones say too little.
    decimals: int = None

    def seen(self):
        return [value for value in self.values if value is not None]

    def worst(self):
        return (min if self.more_is_better else max)(self.seen())

    def cells(self):
        if not self.seen():
            return [self.what, self.wanted, "never", "never"]
        never = len(self.values) - len(self.seen())
        note = f", and {never} of {len(self.values)} never" if never else ""
        return [self.what, self.wanted, self.told(statistics.median(self.seen())), self.told(self.worst()) + note]

    def told(self, value):
        number = digits(value) if self.decimals is None else f"{value:.{self.decimals}f}"
        return f"{number} {self.unit}".strip()


def table(rows):
    """A table of pairs: the name of a row, and its figures."""
    lines = [["row", "what", "wanted", "median", "worst"], ["---"] * 5]
    for name, figures in rows:
        lines += [[name, *figure.cells()] for figure in figures]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def digits(value):
    """Three significant ones, and all of a large number."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine():
    try:
        with open("/proc/cpuinfo") as info:
            models = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    except OSError:
        models = []
    model = models[0] if models else platform.processor()
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}"


def say(text):
    """A line on the way: the table goes to standard output."""
    print(text, file=sys.stderr, flush=True)
