// Plays the picture of a room: does what the machine chooses, and tells it what comes of that.
import { fill, h } from '../../core/dom.js';
import { get, here } from '../../core/api.js';
import { playable } from '../../core/links.js';
import { keep, keptJson, prefer, prefs } from '../../core/prefs.js';
import { Emitter } from '../../livehouse/small.js';
import { cover } from '../../components/cover.js';
import { capable } from './capable.js';
import { begin, due, step, words } from './choice.js';
import { external } from './external.js';
import { hls } from './hls.js';
import { whep } from './whep.js';

const KEPT = 'livehouse.picture';
const LOOK_MS = 10_000; // how often it is asked for where no socket tells
const LOOK_AGAIN_MS = 30_000;
const FRESH_MS = 3_000; // for so long an answer is used as it is

/** Emits `change` whenever something about it is to be drawn anew. `video` is the element, or null. */
export class Player extends Emitter {
  #timer;
  #byHttp = false; // no socket comes through, and only a socket tells of the picture
  #opened = null; // what plays now: {close, delay, catchUp}
  #answer = null; // what the server said last of how to play: {body, at}
  #from = 0; // where what was kept begins to be shown, in seconds
  #settle;
  /** Resolves once it plays, or once it is clear that there is nothing to play yet. */
  settled = new Promise((done) => (this.#settle = done));

  constructor(state, life) {
    super();
    Object.assign(this, { state, video: null, needsGesture: false, machine: begin(capable(), remembered(state.stream.id)) });
    this.poster = h('video', { class: 'poster', muted: true, playsinline: true, preload: 'auto', 'aria-hidden': 'true', tabindex: '-1', hidden: true });
    this.element = h('div', { class: 'picture' });
    this.#showVideo(null);
    life.add(state.on('stream', (stream) => this.#stream(stream)));
    life.add(state.on('picture', (picture) => this.tell({ ...picture, type: 'picture' })));
    life.add(() => this.#end());
    life.add(state.on('status', ({ state: now, by }) => (this.#byHttp = now === 'open' && by === 'http')));
    life.every(LOOK_MS, () => this.#byHttp && this.#read());
    this.#stream(state.stream);
    if (state.stream.status === 'ended') this.#settle();
    else this.#read().then(() => this.machine.path === null && this.#settle());
  }

  /** What it is about: `path`, `phase`, `attempt`, `says` (a key of words, or null), `retryInMs` and the delay in seconds, null where nobody knows. */
  get now() {
    const { path, phase, attempt, retryAt, prefer: chosen } = this.machine;
    const retryInMs = retryAt === null ? null : Math.max(0, retryAt - performance.now());
    return { path, phase, attempt, says: words(this.machine), retryInMs, chosen, delay: phase === 'playing' ? this.#opened?.delay() ?? null : null };
  }

  tell(event) {
    const before = this.machine;
    this.machine = step(before, event, performance.now());
    if (this.machine.attempt !== before.attempt) this.#open();
    if (this.machine !== before) this.#changed(before);
  }

  /** Shows what was kept, from so many milliseconds of it on; with null for its address, what comes in. */
  replay(url, fromMs = 0) {
    this.#from = fromMs / 1000;
    this.tell({ type: 'recording', url });
  }

  choose(what) {
    this.tell({ type: 'prefer', what });
  }

  /** Whether one can go back in what is live. */
  get canRewind() {
    return Boolean(this.#answer?.body.rewind);
  }

  /** Somebody moves over the picture: whether it is kept meanwhile is looked at now and then. */
  look() {
    const { path } = this.machine;
    const isOld = this.#answer && performance.now() - this.#answer.at > LOOK_AGAIN_MS;
    if (isOld && !this.canRewind && (path === 'whep' || path === 'hls')) this.#read().then(() => this.emit('change'));
  }

  turnPlay() {
    if (!this.video) return;
    if (!this.video.paused) return this.video.pause();
    this.#opened?.catchUp();
    this.video.play().catch(() => {});
  }

  turnSound() {
    if (this.video) this.setVolume(this.video.muted ? this.video.volume || 0.5 : 0);
  }

  /** From 0, which is silence, to 1. */
  setVolume(volume) {
    const { video } = this;
    const muted = volume === 0;
    Object.assign(video, { muted, volume: muted ? video.volume : volume });
    this.needsGesture = false;
    prefer({ muted, volume: video.volume });
    this.emit('change');
  }

  // ---- what is true of the stream

  #stream({ status, playback_url }) {
    this.tell({ type: 'stream', status, external: playable(playback_url, location.href) });
  }

  /** Asks how to play, and takes the picture's state from the answer where no frame tells it. */
  async #read() {
    const body = await get(this.state.path('/playback')).catch(() => null);
    if (!body) return null;
    this.#answer = { body, at: performance.now() };
    this.#drawPoster();
    if (!this.state.picture || this.#byHttp) this.tell({ ...body.picture, type: 'picture', whep: Boolean(body.whep), hls: Boolean(body.hls) });
    return body;
  }

  /** How to play by `path`; what was said before the picture was there is not asked of. */
  async #how(path) {
    const isFresh = this.#answer?.body[path] && performance.now() - this.#answer.at < FRESH_MS;
    return isFresh ? this.#answer.body : this.#read();
  }

  // ---- what plays

  async #open() {
    const { path, attempt } = this.machine;
    this.#close();
    if (path === null) return this.#showVideo(null);
    if (!this.video) this.#showVideo(this.#makeVideo());
    const tell = (event) => this.machine.attempt === attempt && this.tell(event);
    if (path === 'external') this.#opened = external(this.video, this.machine.external, tell);
    else if (path === 'recording') this.#opened = hls(this.video, here(this.machine.recording), tell, this.#from);
    else if (!(await this.#openHouse(path, attempt, tell))) return;
    if (this.machine.status !== 'ended') this.#play();
  }

  async #openHouse(path, attempt, tell) {
    const how = await this.#how(path);
    if (this.machine.attempt !== attempt) return false;
    if (!how?.[path]) return tell({ type: 'failed' }), false;
    this.#opened = path === 'whep' ? whep(this.video, how, tell) : hls(this.video, here(how.hls), tell);
    return true;
  }

  #makeVideo() {
    const { volume, muted } = prefs();
    const video = h('video', { class: 'video', playsinline: true, autoplay: this.machine.status !== 'ended', preload: 'auto', muted, 'aria-label': this.state.stream.title });
    video.volume = volume;
    for (const type of ['play', 'pause', 'volumechange', 'enterpictureinpicture', 'leavepictureinpicture']) video.addEventListener(type, () => this.emit('change'));
    for (const type of ['loadeddata', 'resize', 'playing']) video.addEventListener(type, () => video.readyState >= 2 && this.machine.phase === 'opening' && this.tell({ type: 'frame' }));
    video.addEventListener('error', () => video.hasAttribute('src') && this.machine.phase !== 'failed' && this.tell({ type: 'failed' }));
    return video;
  }

  #showVideo(video) {
    this.video = video;
    this.needsGesture = false;
    fill(this.element, cover(this.state.stream.id, 'cover backdrop'), this.poster, video);
  }

  /** Sound may need a gesture first: then it starts silent, and a button offers it. */
  #play() {
    const { video } = this;
    video.play().catch(({ name }) => {
      if (name !== 'NotAllowedError' || video.muted || video !== this.video) return;
      this.needsGesture = true;
      video.muted = true;
      video.play().catch(() => {});
      this.emit('change');
    });
  }

  #close() {
    this.#opened?.close();
    this.#opened = null;
  }

  #end() {
    clearTimeout(this.#timer);
    this.#close();
  }

  // ---- what is drawn

  #changed(before) {
    clearTimeout(this.#timer);
    const at = due(this.machine);
    if (at < Infinity) this.#timer = setTimeout(() => this.tell({ type: 'tick' }), Math.max(0, at - performance.now()) + 1);
    if (this.machine.phase === 'playing' || this.machine.phase === 'failed') this.#settle();
    if (this.machine.gaveUp !== before.gaveUp || this.machine.prefer !== before.prefer) remember(this.state.stream.id, this.machine);
    this.#drawPoster();
    this.emit('change');
  }

  /** A still of the picture stands there until its first frame. */
  #drawPoster() {
    const { path, phase } = this.machine;
    const url = this.#answer?.body.poster;
    const wanted = url && phase !== 'playing' && (path === 'whep' || path === 'hls');
    if (wanted && this.poster.hidden) this.poster.src = here(url);
    this.poster.hidden = !wanted;
  }
}

/** What was chosen in this tab, and the run of this stream's picture for which WHEP was given up. */
function remembered(id) {
  const { prefer: chosen, stream, gaveUp } = keptJson(KEPT, 'sessionStorage');
  return { prefer: chosen ?? 'low', gaveUp: stream === id ? gaveUp ?? null : null };
}

const remember = (stream, { prefer: chosen, gaveUp }) => keep(KEPT, JSON.stringify({ prefer: chosen, stream, gaveUp }), 'sessionStorage');
