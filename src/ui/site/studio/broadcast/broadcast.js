// A broadcast from this browser: what is captured, sent, and kept from being left by mistake. It outlives the studio's tab.
import { get } from '../../core/api.js';
import { explain, t } from '../../core/i18n.js';
import { guard } from '../../core/router.js';
import { confirm, toast } from '../../components/overlay.js';
import { Emitter } from '../../livehouse/small.js';
import { start } from '../../room/run.js';
import { Capture } from './capture.js';
import { Sender } from './whip.js';

const NOT_OURS = new Set([401, 403, 404]);
const running = new WeakMap(); // state of a room -> its broadcast

/** The broadcast of this room from this page, which ends with `life`, the page's. */
export function broadcastOf(state, life) {
  if (!running.has(state)) running.set(state, new Broadcast(state, life));
  return running.get(state);
}

/** Emits `change`. */
class Broadcast extends Emitter {
  #lock = null; // keeps the screen on
  #isInRoom = true;
  #isOver = false;
  #going = null;

  constructor(state, life) {
    super();
    this.state = state;
    this.capture = new Capture();
    this.sender = new Sender({
      path: `/api/v1${state.path('/whip')}`,
      tracks: () => ({ picture: this.capture.picture, sound: this.capture.sound?.track }),
      isServed: () => this.#isInRoom,
      iceServers: async () => (await get(state.path('/playback')).catch(() => null))?.ice_servers ?? [],
    });
    this.capture.on('replaced', (track) => this.sender.replace(track).catch(() => {}));
    this.sender.on('refused', (error) => this.#refused(error));
    for (const part of [this.capture, this.sender]) part.on('change', () => this.emit('change'));
    life.listen(window, 'beforeunload', (event) => this.isOn && event.preventDefault());
    life.listen(window, 'pagehide', () => this.sender.stop());
    life.listen(document, 'visibilitychange', () => document.visibilityState === 'visible' && this.isOn && this.#stayAwake());
    guard(life, async () => !this.isOn || confirm(t('leave.sure'), t('leave.text'), t('leave.do')));
    life.add(state.on('status', (status) => this.#heard(status)));
    life.add(state.on('stream', ({ status }) => status === 'ended' && this.stop()));
    life.add(() => {
      this.#isOver = true;
      this.stop();
    });
  }

  get isOn() {
    return this.sender.state !== 'off';
  }

  /** One click: the camera where nothing is captured yet, then the picture, then the stream. */
  goLive() {
    this.#going ??= this.#goLive();
    const mine = this.#going;
    return mine.finally(() => this.#going === mine && (this.#going = null));
  }

  async #goLive() {
    if (!(await this.capture.start()) || this.#isOver) return;
    if (!(await this.#send()) || !this.isOn) return;
    this.#stayAwake();
    if (this.state.stream.status === 'scheduled') await start(this.state);
  }

  /** False where another encoder sends, and shall go on; and where all was stopped while that was asked. */
  async #send() {
    try {
      await this.sender.start();
    } catch (error) {
      if (error.code !== 'conflict') throw error;
      if (this.#isOver || !(await confirm(t('takeover'), t('takeover.text'), t('takeover.do')))) return false;
      if (this.#isOver || !this.capture.isOn) return false;
      await this.sender.start({ takeover: true });
    }
    return true;
  }

  stop() {
    this.#going = null;
    this.sender.stop();
    this.capture.stop();
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }

  /** A stream that was deleted, or hidden from who sends, takes its broadcast with it. */
  #heard({ state: now, code }) {
    this.#isInRoom = now === 'open';
    if (now === 'closed' && code === 4404) this.stop();
  }

  async #refused(error) {
    this.stop();
    if (error.code === 'conflict' && !(await this.#isStillOurs())) return;
    toast(error.code === 'conflict' ? t('takeover.lost') : explain(error), { kind: 'bad' });
  }

  /** Whether one might send here at all: a stream that is gone, or a login that ended, closes a connection like another encoder does. */
  async #isStillOurs() {
    const refusal = await get(this.state.path('/ingest')).then(() => null, ({ status }) => status);
    return !NOT_OURS.has(refusal) && !this.#isOver && this.state.stream.status !== 'ended';
  }

  async #stayAwake() {
    const lock = await navigator.wakeLock?.request('screen').catch(() => null);
    if (!this.isOn) return lock?.release().catch(() => {});
    this.#lock = lock;
  }
}
