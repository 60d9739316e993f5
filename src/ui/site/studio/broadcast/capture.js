// What this browser's camera, screen and microphone give, as one track of picture and one of sound.
import { keep, keptJson } from '../../core/prefs.js';
import { Emitter } from '../../livehouse/small.js';
import { Sound } from './sound.js';

const KEPT = 'livehouse.devices';
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** A browser gives its camera only to pages that came by https, or from the machine itself. */
export const mayCapture = () => Boolean(navigator.mediaDevices?.getUserMedia);
export const mayShareScreen = () => Boolean(navigator.mediaDevices?.getDisplayMedia);

/** Emits `change`; `picture` is what is sent, which `replaced` tells of. */
export class Capture extends Emitter {
  #camera = null;
  #voice = null;
  #screen = null; // a stream, maybe with sound
  #starting = null;
  #turn = 0; // what was asked for in one is not taken in another

  constructor() {
    super();
    const { camera = '', voice = '' } = keptJson(KEPT);
    Object.assign(this, { chosen: { camera, voice }, devices: [], muted: false, sound: null });
  }

  get isOn() {
    return Boolean(this.#camera || this.#screen || this.#voice);
  }

  get isScreen() {
    return Boolean(this.#screen);
  }

  get picture() {
    return this.#screen?.getVideoTracks()[0] ?? this.#camera;
  }

  /**
   * Camera and microphone, as chosen; where one of them is missing or refused, the other. Resolves to whether they are on: not where
   * all was stopped meanwhile. One start at a time: who asks again waits for the same.
   */
  async start() {
    if (this.isOn && !this.#starting) return true;
    this.#starting ??= this.#start();
    const mine = this.#starting;
    return mine.finally(() => this.#starting === mine && (this.#starting = null));
  }

  async #start() {
    const mine = this.#turn;
    this.sound ??= new Sound();
    const { camera, voice } = this.chosen;
    const stream = await this.#given(this.#ask({ video: video(camera), audio: audio(voice) }));
    if (!stream) return false;
    this.#camera?.stop();
    this.#camera = stream.getVideoTracks()[0] ?? null;
    this.#takeVoice(stream.getAudioTracks()[0] ?? null);
    await this.#look();
    return mine === this.#turn;
  }

  async #ask({ video: picture, audio: sound }) {
    const { mediaDevices } = navigator;
    const mine = this.#turn;
    try {
      return await mediaDevices.getUserMedia({ video: picture, audio: sound });
    } catch (error) {
      const next = (one) => {
        if (mine !== this.#turn) throw error;
        return mediaDevices.getUserMedia(one);
      };
      if (error.name === 'NotAllowedError') throw error;
      return next({ video: picture }).catch(() => next({ audio: sound })).catch(() => { throw error; });
    }
  }

  /** What the browser gives. Null where all was stopped while it was asked for: then it is stopped, too, and a refusal is nobody's trouble. */
  async #given(asked) {
    const mine = this.#turn;
    try {
      const stream = await asked;
      if (mine === this.#turn) return stream;
      stopAll(stream);
    } catch (error) {
      if (mine === this.#turn) throw error;
    }
    return null;
  }

  /** Another camera, while the old one is still sent. */
  async useCamera(id) {
    const stream = await this.#given(navigator.mediaDevices.getUserMedia({ video: video(id) }));
    if (!stream) return;
    this.#camera?.stop();
    this.#camera = stream.getVideoTracks()[0];
    this.#choose({ camera: id });
  }

  async useVoice(id) {
    const stream = id === 'none' ? new MediaStream() : await this.#given(navigator.mediaDevices.getUserMedia({ audio: audio(id) }));
    if (!stream) return;
    this.#takeVoice(stream.getAudioTracks()[0] ?? null);
    this.#choose({ voice: id });
  }

  /** The screen in the camera's place, with its sound where the browser gives it. */
  async shareScreen() {
    this.sound ??= new Sound();
    const stream = await this.#given(navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30, max: 30 } }, audio: true }));
    if (!stream) return;
    const [picture] = stream.getVideoTracks();
    picture.contentHint = 'detail';
    picture.addEventListener('ended', () => this.#screen === stream && this.leaveScreen());
    stopAll(this.#screen);
    this.#screen = stream;
    this.sound.put('screen', stream.getAudioTracks()[0]);
    this.#told();
  }

  leaveScreen() {
    stopAll(this.#screen);
    this.#screen = null;
    this.sound.put('screen', null);
    this.#told();
  }

  mute(muted) {
    this.muted = muted;
    this.sound?.mute(muted);
    this.emit('change');
  }

  stop() {
    this.#turn += 1;
    this.#starting = null;
    for (const track of [this.#camera, this.#voice]) track?.stop();
    stopAll(this.#screen);
    this.#camera = this.#voice = this.#screen = null;
    this.sound?.end();
    this.sound = null;
    this.#told();
  }

  #takeVoice(track) {
    this.#voice?.stop();
    this.#voice = track;
    this.sound.put('voice', track);
    this.sound.mute(this.muted);
  }

  #choose(change) {
    this.chosen = { ...this.chosen, ...change };
    keep(KEPT, JSON.stringify(this.chosen));
    return this.#look();
  }

  /** Names of devices are told only once one of them was given. */
  async #look() {
    this.devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.#told();
  }

  #told() {
    this.emit('replaced', this.picture);
    this.emit('change');
  }
}

const stopAll = (stream) => stream?.getTracks().forEach((track) => track.stop());
const exactly = (id) => (id ? { deviceId: { ideal: id } } : {});
const video = (id) => ({ ...PICTURE, ...exactly(id) });
const audio = (id) => (id === 'none' ? false : { echoCancellation: true, noiseSuppression: true, channelCount: { ideal: 2 }, ...exactly(id) });
