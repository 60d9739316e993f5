// What is said in a room over the host's own picture, as a browser source of OBS shows it: transparent, and silent about
// everything else. It knows no account, only the key in its address, for a stream that not everybody may see.
import { LiveRoom } from '../livehouse.js';
import { fill, h } from '../core/dom.js';
import { match } from '../core/routes.js';
import { Danmaku } from '../room/danmaku.js';
import { commentRow } from '../room/row.js';
import { RoomState } from '../room/state.js';
import { options } from './options.js';

const ROWS_MAX = 40;
const LEAVING_MS = 600;
const AGAIN_MS = 30_000; // a source stays for days: what is not there now may be there later
const USUAL_PX = 24;

const wanted = options(location);
const [id] = match([[/^\/overlay\/([^/]+)$/, null]], location.pathname)?.params ?? [''];
const live = new LiveRoom({ stream: id, token: async () => wanted.key });
const state = new RoomState(live, { id });

/** The newest at the foot; what is older than the time it may stay fades. */
class Rows {
  #shown = []; // {comment, row}

  constructor() {
    this.element = h('div', { class: 'over-chat', style: { '--over-size': `${wanted.size}px` } });
  }

  reset(comments) {
    this.#shown = [];
    fill(this.element);
    for (const comment of comments) this.show(comment);
  }

  show(comment) {
    const left = wanted.fadeMs - Math.max(0, state.now() - new Date(comment.created_at));
    if (wanted.fadeMs && left <= 0) return;
    const row = commentRow(comment);
    this.#shown.push({ comment, row });
    this.element.append(row);
    if (wanted.fadeMs) row.animate([{ opacity: 1 }, { opacity: 0 }], { delay: left, duration: LEAVING_MS, fill: 'forwards' }).onfinish = () => this.forget(({ id: one }) => one === comment.id);
    while (this.#shown.length > ROWS_MAX) this.#shown.shift().row.remove();
  }

  forget(isGone) {
    for (const { comment, row } of this.#shown) if (isGone(comment)) row.remove();
    this.#shown = this.#shown.filter(({ comment }) => !isGone(comment));
  }
}

/** Over the whole picture; what was said before it came does not fly. */
class Flying {
  constructor() {
    const settings = { danmaku: true, opacity: 1, size: wanted.size / USUAL_PX, speed: 1, density: 0.6, area: 1 };
    this.danmaku = new Danmaku(() => settings);
    this.element = this.danmaku.layer;
  }

  reset() {
    this.danmaku.clear();
  }

  show(comment) {
    this.danmaku.show(comment);
  }

  forget(isGone) {
    this.danmaku.forget(isGone);
  }
}

const shown = wanted.danmaku ? new Flying() : new Rows();
fill(document.querySelector('main'), shown.element);
live.on('snapshot', ({ comments }) => shown.reset(comments));
live.on('comment.created', ({ comment }) => shown.show(comment));
state.on('gone', (isGone) => shown.forget(isGone));
state.on('status', ({ state: now }) => {
  if (now !== 'closed') return;
  shown.reset([]);
  setTimeout(() => live.retry(), AGAIN_MS);
});
live.connect();
