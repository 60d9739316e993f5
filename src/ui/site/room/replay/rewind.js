// Back in a picture that is live and kept: the film so far is shown from then on, with the danmaku of then, while the chat goes on.
import { h, fill } from '../../core/dom.js';
import { get } from '../../core/api.js';
import { duration, t } from '../../core/i18n.js';
import { Film } from './film.js';
import { listen } from './keys.js';
import { Reel } from './reel.js';
import { Timeline } from './timeline.js';

const TICK_MS = 100;
const STEP_MS = 10_000;
const LOOK_MS = 3_000; // how often it is looked what has been kept meanwhile
const EDGE_MS = 5_000; // nearer to now there is nothing to go back in: a segment is written when it is over

export class Rewind {
  constructor(state, life, stage) {
    Object.assign(this, { state, stage, isBack: false, at: 0 });
    this.#build();
    life.every(TICK_MS, () => this.isBack && this.#tick());
    life.every(LOOK_MS, () => this.isBack && this.#look());
    life.add(state.live.on('comment.created', ({ comment }) => this.timeline?.add(comment)));
    life.add(state.on('gone', (isGone) => this.timeline?.forget(isGone)));
    life.add(state.on('stream', ({ status }) => status === 'ended' && this.#end()));
    life.add(stage.picture.on('change', () => this.isBack && this.reel.heed()));
    const by = (ms) => this.by(ms);
    listen(life, { j: () => by(-STEP_MS), ArrowLeft: () => by(-STEP_MS), l: () => by(STEP_MS), ArrowRight: () => by(STEP_MS), End: () => this.toLive() });
  }

  #build() {
    this.time = h('span', { class: 'scrub-time' });
    this.range = h('input', { type: 'range', step: 1000, 'aria-label': t('replay.position') });
    this.range.addEventListener('input', () => this.seek(Number(this.range.value)));
    this.live = h('button', { class: 'rate', onclick: () => this.toLive() }, t('rewind.live'));
    const back = h('button', { class: 'rate', title: `${t('rewind.back')} (j)`, onclick: () => this.by(-STEP_MS) }, h('span', { class: 'sr' }, t('rewind.back')), h('span', { 'aria-hidden': 'true' }, '−10 s'));
    this.past = h('div', { class: 'scrub', hidden: true }, this.time, h('div', { class: 'scrub-track' }, this.range), this.live);
    fill(this.stage.slot, h('div', { class: 'row rewind' }, back, this.past));
  }

  /** The moment that is now. */
  get now() {
    return this.state.now() - new Date(this.state.stream.started_at);
  }

  by(ms) {
    if (this.isBack) return this.seek(this.at + ms);
    if (this.isBusy) return (this.wanted += ms); // a second press, while it is looked whether there is something
    return ms < 0 ? this.#begin(ms) : null;
  }

  seek(ms) {
    if (ms > this.now - EDGE_MS) return this.toLive();
    this.at = Math.max(this.first, ms);
    this.since = performance.now();
    this.reel.seek(this.at);
    this.turn = {};
    this.stage.danmaku.clear();
    this.#draw();
  }

  toLive() {
    if (!this.isBack) return;
    this.#turn(false);
    this.stage.picture.replay(null);
  }

  /** Goes back by so much, if there is something to go back in. */
  async #begin(ms) {
    this.isBusy = true;
    this.wanted = ms;
    const found = await get(this.state.path('/recording')).catch(() => null);
    const isThere = found?.state === 'recording' && found.runs.length > 0 && (await hasSegment(found.url));
    this.isBusy = false;
    if (!isThere || this.isBack) return;
    const film = filmOf(found);
    this.first = film.parts[0].offset_ms;
    if (this.first > this.now - EDGE_MS) return;
    this.reel = new Reel(this.stage.picture, film);
    this.timeline = new Timeline(this.state.path('/comments'));
    this.#turn(true);
    this.seek(this.now + this.wanted);
    if (!this.isBack) return;
    this.reel.play(true);
    this.stage.picture.replay(found.url, film.mediaAt(this.at));
  }

  /** The host may have dropped out and come back meanwhile, or have it kept no more. */
  async #look() {
    const found = await get(this.state.path('/recording')).catch(() => null);
    if (!this.isBack || !found) return;
    if (!found.runs.length) return this.toLive();
    this.reel.film = filmOf(found);
  }

  #turn(isBack) {
    this.isBack = this.stage.isBack = isBack;
    this.past.hidden = !isBack;
    this.stage.element.classList.toggle('rewound', isBack);
    this.stage.danmaku.clear();
  }

  #end() {
    this.toLive();
    fill(this.stage.slot);
  }

  async #tick() {
    const now = performance.now();
    const from = this.at;
    if (!this.reel.isStopped) this.at = this.reel.next(now - this.since);
    this.since = now;
    if (this.reel.film.isOverAt(this.at)) return this.toLive();
    this.#draw();
    const { turn } = this;
    const due = await this.timeline.between(from, this.at);
    // What was asked for before a jump does not fly after it.
    if (this.isBack && this.turn === turn) for (const comment of due) this.stage.danmaku.show(comment);
  }

  #draw() {
    const { first, now, at, range } = this;
    Object.assign(range, { min: Math.floor(first), max: Math.floor(now) });
    range.value = at;
    range.setAttribute('aria-valuetext', duration(at));
    this.time.textContent = `−${duration(now - at)}`;
  }
}

/** Whether anything of a playlist can be played yet: a segment may last as long as an encoder sends no keyframe. */
async function hasSegment(url) {
  const answer = await fetch(url, { cache: 'no-store' }).catch(() => null);
  return Boolean(answer?.ok) && (await answer.text()).includes('#EXTINF');
}

/** What is under way grows on. */
function filmOf({ runs }) {
  return new Film(runs.map((run, index) => ({ ...run, duration_ms: run.is_open && index === runs.length - 1 ? Infinity : run.duration_ms })));
}
