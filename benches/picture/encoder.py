"""Encoders: ffmpeg to RTMP, with the clock in its picture and 440 Hz beside it, or from a clip at little cost."""
import subprocess
import threading
import time
from contextlib import contextmanager

import numpy

from common.process import kill, program, running
from picture.clock import Moment, draw

WIDTH, HEIGHT, FPS = 1280, 720, 30
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
QUIET = ["-v", "error"]


@contextmanager
def encoding(url, keyframe_every=60, b_frames=0, preset="ultrafast", kbps=2500):
    """An encoder of 1280x720 at 30 frames a second, for as long as the block runs."""
    low_delay = [] if b_frames else ["-tune", "zerolatency"]
    command = [
        program("ffmpeg"), *QUIET, "-fflags", "nobuffer", "-probesize", "32", "-analyzeduration", "0",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-framerate", FPS, "-i", "pipe:0",
        *TONE, "-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", preset, *low_delay, "-threads", "1",
        "-bf", b_frames, "-g", keyframe_every, "-keyint_min", keyframe_every, "-sc_threshold", "0",
        "-b:v", f"{kbps}k", "-maxrate", f"{kbps}k", "-bufsize", f"{kbps}k",
        "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-flush_packets", "1", "-f", "flv", url]
    with running(command, stdin=subprocess.PIPE) as process:
        encoder = Encoder(process)
        try:
            yield encoder
        finally:
            encoder.kill()


class Encoder:
    """Feeds one from a thread of its own, in real time."""

    def __init__(self, process):
        self.process = process
        # When the first raw frame had been given to it.
        self.first = None
        self.is_stopped = False
        self.thread = threading.Thread(target=self.feed, daemon=True)
        self.thread.start()

    def feed(self):
        background, colours = scene()
        begun, count = time.monotonic(), 0
        while not self.is_stopped:
            time.sleep(max(0, begun + count / FPS - time.monotonic()))
            luma = background.copy()
            place = count * 7 % (WIDTH - 100)
            luma[200:300, place : place + 100] = 235
            draw(luma, time.time() * 1000)
            try:
                self.process.stdin.write(luma.tobytes() + colours)
                self.process.stdin.flush()
            except OSError:
                return  # it has ended
            self.first = self.first or Moment.now()
            count += 1

    def kill(self):
        self.is_stopped = True
        kill(self.process)
        self.thread.join()


def scene():
    """A slope of grey with a band of noise, so that there is something to encode; and no colour."""
    luma = numpy.linspace(40, 200, WIDTH).astype(numpy.uint8)[None, :].repeat(HEIGHT, 0).copy()
    luma[400:520] = numpy.random.default_rng(1).integers(90, 140, (120, WIDTH))
    return luma, numpy.full(WIDTH * HEIGHT // 2, 128, numpy.uint8).tobytes()


def small_clip(scratch):
    """640x360 at 1 Mbit/s: for what does not hang on the size of a picture."""
    rate = ["-b:v", "1000k", "-ac", "2", "-b:a", "128k"]
    return clip(scratch / "small.flv", "testsrc2=size=640x360:rate=30", 30, rate)


def full_clip(scratch):
    """1280x720 at a steady 2.5 Mbit/s: for load."""
    steady = ["-minrate", "2500k", "-maxrate", "2500k", "-bufsize", "2500k", "-x264-params", "nal-hrd=cbr"]
    return clip(scratch / "full.mp4", "testsrc2=size=1280x720:rate=30", 20, ["-b:v", "2500k", *steady])


def clip(path, picture, seconds, rate):
    """Encoded once in a run of the bench, with a keyframe each two seconds and no B-frames."""
    if not path.exists():
        command = [program("ffmpeg"), *QUIET, "-y", "-f", "lavfi", "-i", picture, *TONE, "-t", str(seconds),
                   "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-bf", "0", "-g", "60",
                   "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", *rate, str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


@contextmanager
def sending(url, path):
    """A clip in an endless loop, not encoded anew; what it says when it is refused or cut off is not worth reading."""
    command = [program("ffmpeg"), *QUIET, "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f", "flv", url]
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield process
