// The replay of an ended stream: comments and danmaku at the time they were written, with a scrubber to move through it.
import { h, fill } from '../core/dom.js';
import { duration, t } from '../core/i18n.js';
import { prefs } from '../core/prefs.js';
import { icon, iconButton } from '../components/icons.js';
import { density } from './density.js';
import { Timeline } from './timeline.js';

const RATES = [1, 1.5, 2, 4];
const TICK_MS = 100;
const SHOWN_BEFORE = 60; // how many earlier comments fill the list after a jump

export class Replay {
  constructor(state, life, stage, chat) {
    Object.assign(this, { state, life, stage, chat, at: 0, playing: false, rate: 1 });
    chat.replaying = true;
    chat.list.none.textContent = t('replay.begin');
    const { stream } = state;
    this.length = Math.max(1000, new Date(stream.ended_at) - new Date(stream.started_at || stream.created_at));
    this.timeline = new Timeline(state.path('/comments'));
    this.#build();
    life.every(TICK_MS, () => this.#tick());
    life.listen(document, 'keydown', (event) => this.#key(event));
    life.add(state.live.on('snapshot', () => this.seek(this.at)));
    life.add(state.on('gone', (isGone) => this.timeline.forget(isGone)));
    this.seek(0);
  }

  #build() {
    this.play = iconButton(null, null, () => this.toggle());
    this.time = h('span', { class: 'scrub-time' });
    this.range = h('input', { type: 'range', min: 0, max: this.length, step: 1000, 'aria-label': t('replay.position') });
    this.range.value = 0;
    this.range.addEventListener('input', () => this.seek(Number(this.range.value)));
    this.plot = h('div', { class: 'density-box' });
    this.factor = h('span', null, '1×');
    this.speed = h('button', { class: 'rate', title: t('replay.rate'), onclick: () => this.#faster() }, h('span', { class: 'sr' }, t('replay.rate')), this.factor);
    this.stage.player.hidden = true;
    fill(this.stage.slot, h('div', { class: 'scrub' }, this.play, this.time, h('div', { class: 'scrub-track' }, this.plot, this.range), this.speed));
    this.stage.element.classList.add('replaying');
    this.timeline.onload = () => fill(this.plot, density(this.timeline.offsets(), this.length));
    this.video?.pause();
    this.#drawPlay();
  }

  get video() {
    return this.stage.video;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.length - 500) this.seek(0);
    this.since = performance.now();
    if (this.video) this.playing ? this.video.play().catch(() => {}) : this.video.pause();
    this.stage.danmaku.pause(!this.playing);
    this.#drawPlay();
  }

  /** Jumps: the list shows what had just been said, nothing flies. */
  async seek(ms) {
    this.at = Math.min(this.length, Math.max(0, ms));
    this.since = performance.now();
    if (this.video) this.video.currentTime = this.at / 1000;
    this.stage.danmaku.clear();
    this.#drawTime();
    const turn = (this.turn = {});
    const before = await this.timeline.before(this.at, SHOWN_BEFORE);
    if (this.turn === turn) this.chat.list.reset(before);
  }

  async #tick() {
    if (!this.playing || this.busy) return;
    const now = performance.now();
    const from = this.at;
    this.at = this.video && !this.video.paused ? this.video.currentTime * 1000 : from + (now - this.since) * this.rate;
    this.since = now;
    if (this.at >= this.length) return this.#finish();
    this.#drawTime();
    this.busy = true;
    try {
      const turn = this.turn;
      const due = await this.timeline.between(from, this.at);
      if (turn === this.turn) this.#show(due);
    } finally {
      this.busy = false;
    }
  }

  #show(comments) {
    this.chat.list.add(...comments);
    if (prefs().danmaku) for (const comment of comments) this.stage.danmaku.show(comment, { important: comment.user.role === 'host' });
  }

  #finish() {
    this.at = this.length;
    this.playing = false;
    this.#drawTime();
    this.#drawPlay();
  }

  #faster() {
    this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
    if (this.video) this.video.playbackRate = this.rate;
    this.factor.textContent = `${this.rate}×`;
  }

  #key(event) {
    if (event.target.closest?.('input, textarea, select, button, [role="log"], dialog, [popover]')) return;
    if (event.key === ' ' || event.key === 'k') this.toggle();
    else if (event.key === 'ArrowRight') this.seek(this.at + 10_000);
    else if (event.key === 'ArrowLeft') this.seek(this.at - 10_000);
    else return;
    event.preventDefault();
  }

  #drawTime() {
    this.time.textContent = `${duration(this.at)} / ${duration(this.length)}`;
    this.range.value = this.at;
    this.range.setAttribute('aria-valuetext', duration(this.at));
  }

  #drawPlay() {
    this.stage.element.classList.toggle('running', this.playing);
    const label = t(this.playing ? 'pause' : 'play');
    this.play.setAttribute('aria-label', label);
    this.play.title = label;
    fill(this.play, icon(this.playing ? 'pause' : 'play', 22));
  }
}
