// One sound out of several: microphone and shared screen are mixed, so that the track that is sent stays the same.

const FLOOR_DB = -60;

export class Sound {
  #context = new AudioContext({ sampleRate: 48_000 });
  #out = this.#context.createMediaStreamDestination();
  #meter = this.#context.createAnalyser();
  #samples = new Float32Array(this.#meter.fftSize);
  #sources = new Map(); // name -> node
  #voice = this.#context.createGain(); // the microphone goes through here, to be muted

  constructor() {
    this.#voice.connect(this.#meter);
    this.#meter.connect(this.#out);
  }

  /** What is sent. */
  get track() {
    return this.#out.stream.getAudioTracks()[0];
  }

  /** Puts a track in the place `name` (`voice`, `screen`), or nothing. */
  put(name, track) {
    this.#sources.get(name)?.disconnect();
    this.#sources.delete(name);
    if (!track) return;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    source.connect(name === 'voice' ? this.#voice : this.#meter);
    this.#sources.set(name, source);
    this.#context.resume().catch(() => {});
  }

  mute(muted) {
    this.#voice.gain.value = muted ? 0 : 1;
  }

  /** How loud it is now, from 0 to 1, by decibels. */
  level() {
    this.#meter.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }

  end() {
    this.#context.close().catch(() => {});
  }
}

/** The loudness of samples between -1 and 1: 0 at 60 dB below full scale, 1 at full scale. */
function loudness(samples) {
  const mean = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
  return Math.min(1, Math.max(0, 1 - (10 * Math.log10(mean || 1e-12)) / FLOOR_DB));
}
