// A camera whose frames carry the clock: what the page asks for passes through a canvas first.
(() => {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);

  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await original(constraints);
    const [track] = stream.getVideoTracks();
    if (!track) return stream;
    stream.removeTrack(track);
    stream.addTrack(withClock(track));
    return stream;
  };

  function withClock(track) {
    const frames = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    copy(frames, generator.writable.getWriter());
    return generator;
  }

  async function copy(frames, writer) {
    let canvas, context;
    for (;;) {
      const { value: frame, done } = await frames.read();
      if (done) return;
      canvas ??= new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
      context ??= canvas.getContext('2d', { willReadFrequently: true });
      context.drawImage(frame, 0, 0);
      window.clock.draw(context, canvas.width, canvas.height);
      const stamped = new VideoFrame(canvas, { timestamp: frame.timestamp });
      frame.close();
      await writer.write(stamped);
    }
  }
})();
