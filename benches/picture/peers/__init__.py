"""WebRTC peers that are no browsers, by aiortc."""
