// The replay of an ended stream: comments and danmaku at the time they were written, over the picture of then where it was kept,
// with a scrubber to move through it.
import { h, fill } from '../../core/dom.js';
import { get } from '../../core/api.js';
import { duration, t } from '../../core/i18n.js';
import { icon, iconButton } from '../../components/icons.js';
import { density } from './density.js';
import { Film } from './film.js';
import { replayKeys } from './keys.js';
import { Reel } from './reel.js';
import { Timeline } from './timeline.js';

const RATES = [1, 1.5, 2, 4];
const TICK_MS = 100;
const LOOK_MS = 5_000; // how often it is looked whether a recording is complete
const LATE_MS = 1_000; // what was said as the stream ended may be dated a little later than its end
const SHOWN_BEFORE = 60; // how many earlier comments fill the list after a jump

export class Replay {
  constructor(state, life, stage, chat) {
    Object.assign(this, { state, life, stage, chat, at: 0, playing: false, rate: 1 });
    const { stream } = state;
    this.length = Math.max(1000, new Date(stream.ended_at) - new Date(stream.started_at || stream.created_at));
    this.timeline = new Timeline(state.path('/comments'));
    this.reel = new Reel(stage.picture, stage.picture.now.path === 'external' ? Film.fromElsewhere() : new Film([]));
    this.#build();
    this.#prepareChat();
    life.every(TICK_MS, () => this.#tick());
    replayKeys(this, life);
    life.add(stage.picture.on('change', () => this.#pictureChanged()));
    life.add(state.live.on('snapshot', () => this.seek(this.at)));
    life.add(state.on('gone', (isGone) => this.timeline.forget(isGone)));
    this.seek(0);
    this.#findRecording();
    life.seen(LOOK_MS, () => this.isRecording && this.#findRecording());
  }

  #build() {
    this.play = iconButton(null, null, () => this.toggle());
    this.time = h('span', { class: 'scrub-time' });
    this.range = h('input', { type: 'range', min: 0, max: this.length, step: 1000, 'aria-label': t('replay.position') });
    this.range.value = 0;
    this.range.addEventListener('input', () => this.seek(Number(this.range.value)));
    this.plot = h('div', { class: 'density-box' });
    this.parts = h('div', { class: 'scrub-parts', 'aria-hidden': 'true' });
    this.factor = h('span', null, '1×');
    this.speed = h('button', { class: 'rate', title: t('replay.rate'), onclick: () => this.#faster() }, h('span', { class: 'sr' }, t('replay.rate')), this.factor);
    this.away = h('span', { class: 'badge dim replay-away', role: 'status', hidden: true }, t('replay.away'));
    fill(this.stage.slot, h('div', { class: 'scrub' }, this.play, this.time, h('div', { class: 'scrub-track' }, this.plot, this.parts, this.range), this.speed));
    this.stage.element.append(this.away);
    this.stage.element.classList.add('replaying');
    this.timeline.onload = () => fill(this.plot, density(this.timeline.offsets(), this.length));
    this.#drawPlay();
  }

  /** Each comment says when in the show it was said, and leads there. */
  #prepareChat() {
    const { chat } = this;
    chat.replaying = true;
    chat.list.none.textContent = t('replay.begin');
    chat.list.onmoment = ({ offset_ms: at }) => this.seek((at ?? 0) + 1);
    chat.element.classList.add('stamps');
  }

  /** Shows the picture that was kept, once it is complete. */
  async #findRecording() {
    const found = await get(this.state.path('/recording')).catch(() => null);
    this.isRecording = found?.state === 'recording';
    if (!found?.url || this.isRecording) return;
    this.reel.film = new Film(found.runs);
    this.#drawParts();
    this.stage.picture.replay(found.url);
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.length - 500) this.seek(0);
    this.since = performance.now();
    this.reel.play(this.playing);
    this.stage.danmaku.pause(!this.playing);
    this.#drawPlay();
  }

  /** Jumps: the list shows what had just been said, nothing flies. */
  async seek(ms) {
    this.at = Math.min(this.length, Math.max(0, ms));
    this.since = performance.now();
    this.reel.seek(this.at);
    this.stage.danmaku.clear();
    this.#drawTime();
    const turn = (this.turn = {});
    const before = await this.timeline.before(this.at, SHOWN_BEFORE);
    if (this.turn === turn) this.chat.list.reset(before);
  }

  /** To the comment before what is shown, or to the next one. */
  async step(forward) {
    const comment = forward ? await this.timeline.first(this.at) : (await this.timeline.before(this.at - 1, 1))[0];
    if (comment) this.seek(comment.offset_ms + 1);
  }

  async #tick() {
    if (!this.playing || this.busy) return;
    if (this.reel.isStopped) return this.toggle();
    const now = performance.now();
    const from = this.at;
    this.at = this.reel.next(now - this.since);
    this.since = now;
    const isOver = this.at >= this.length;
    this.#drawTime();
    this.busy = true;
    try {
      const turn = this.turn;
      const due = await this.timeline.between(from, isOver ? this.length + LATE_MS : this.at);
      if (turn !== this.turn) return;
      this.#show(due);
      if (isOver) this.#finish();
    } finally {
      this.busy = false;
    }
  }

  #show(comments) {
    this.chat.list.add(...comments);
    for (const comment of comments) this.stage.danmaku.show(comment);
  }

  #pictureChanged() {
    this.reel.heed();
    this.#drawTime();
  }

  #finish() {
    this.at = this.length;
    this.playing = false;
    this.reel.play(false);
    this.#drawTime();
    this.#drawPlay();
  }

  #faster() {
    this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
    this.reel.setRate(this.rate);
    this.factor.textContent = `${this.rate}×`;
  }

  #drawTime() {
    this.time.textContent = `${duration(this.at)} / ${duration(this.length)}`;
    this.range.value = this.at;
    this.range.setAttribute('aria-valuetext', duration(this.at));
    this.away.hidden = !this.reel.video || this.reel.film.partAt(this.at) !== null;
  }

  #drawPlay() {
    this.stage.element.classList.toggle('running', this.playing);
    const label = t(this.playing ? 'pause' : 'play');
    this.play.setAttribute('aria-label', label);
    this.play.title = label;
    fill(this.play, icon(this.playing ? 'pause' : 'play', 22));
  }

  /** A line below the scrubber where there is a picture. */
  #drawParts() {
    const share = (ms) => `${Math.min(100, (ms / this.length) * 100)}%`;
    fill(this.parts, this.reel.film.parts.map(({ offset_ms: begins, duration_ms: lasts }) => {
      const line = h('span');
      Object.assign(line.style, { insetInlineStart: share(begins), width: share(lasts) });
      return line;
    }));
  }
}
