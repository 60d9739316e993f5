// The clock that a picture carries in its top rows, as `clock.py` describes it.
window.clock = (() => {
  const BARS = 32;
  const MODULUS = 2 ** 24;
  const HEIGHT_SHARE = 18;
  const reading = document.createElement('canvas');
  const [width, height] = [320, 10];
  reading.width = width;
  reading.height = height;
  let context;

  const checksum = (ms) => (ms ^ (ms >> 8) ^ (ms >> 16) ^ 0x5a) & 0xff;

  /** Draws the present time. */
  function draw(target, targetWidth, targetHeight) {
    const ms = Math.round(performance.timeOrigin + performance.now()) % MODULUS;
    const number = ms * 256 + checksum(ms);
    const bar = targetWidth / BARS;
    for (let i = 0; i < BARS; i++) {
      target.fillStyle = Math.floor(number / 2 ** (BARS - 1 - i)) % 2 ? '#fff' : '#000';
      target.fillRect(Math.floor(i * bar), 0, Math.ceil(bar), Math.ceil(targetHeight / HEIGHT_SHARE));
    }
  }

  /** How many milliseconds older the clock in the frame is than `wallMs`; null where it cannot be read. */
  function age(video, wallMs) {
    context ??= reading.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / HEIGHT_SHARE, 0, 0, width, height);
    const row = context.getImageData(0, height / 2, width, 1).data;
    let number = 0;
    for (let i = 0; i < BARS; i++) number = number * 2 + (row[((i + 0.5) * width / BARS) * 4 + 1] > 127 ? 1 : 0);
    const ms = Math.floor(number / 256);
    if (checksum(ms) !== number % 256) return null;
    const behind = Math.round(wallMs) % MODULUS - ms;
    return behind < -MODULUS / 2 ? behind + MODULUS : behind;
  }

  return { draw, age };
})();
