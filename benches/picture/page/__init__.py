"""Scripts that are put into pages before their own."""
from pathlib import Path

HERE = Path(__file__).resolve().parent


def script(name):
    return (HERE / name).read_text()


# Draws the clock into every frame of the camera.
CAMERA = script("clock.js") + script("camera.js")


def probe(read_every=3):
    """Watches connections and frames, and reads the clock in each so many frames; with 0 in none, at no cost."""
    return (script("clock.js") + script("connections.js")
            + script("frames.js").replace("READ_EVERY", str(read_every)))


# As if the network dropped what goes to the server by UDP.
NO_UDP = r"window.withoutCandidates = /^a=candidate:\S+ \d+ udp /i;"
# As if it dropped what goes to the port of its pictures altogether.
NO_PICTURES = r"window.withoutCandidates = /^a=candidate:/i;"
# What is stored where a viewer has chosen "Stable", which is HLS.
STABLE = "sessionStorage.setItem('livehouse.picture', JSON.stringify({ prefer: 'stable' }));"
