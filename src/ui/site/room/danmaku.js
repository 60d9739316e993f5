// Comments that fly over the picture, each in a lane of its own. Nodes are pooled; motion is the compositor's.
import { h } from '../core/dom.js';
import { isIgnored } from '../core/ignored.js';
import { onPrefs, prefs, calm } from '../core/prefs.js';
import { Lanes } from './lanes.js';
import { spoken } from './talk/spoken.js';

const FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const BASE_PX = 23;
const SCALE = { small: 0.78, normal: 1, large: 1.3 };
const MAX_NODES = 80;
const WAIT_MS = 900; // a comment that finds no lane for so long is not shown
const IMPORTANT_WAIT_MS = 5000;
const LONGER_WAIT_MS = 9000; // at most, for a lane that is kept free
const SCATTER_MS = 900;

export class Danmaku {
  #lanes = new Lanes();
  #queue = [];
  #pool = [];
  #flying = new Set(); // {node, animation}
  #frame = 0;
  #paused = false;
  #measure = document.createElement('canvas').getContext('2d');

  /** `settings()`: what is wished; the viewer's own preferences, where nothing is said. */
  constructor(settings = prefs) {
    this.settings = settings;
    this.layer = h('div', { class: 'danmaku-layer', 'aria-hidden': 'true' });
    this.size = { width: 0, height: 0 };
    this.resized = new ResizeObserver(([entry]) => this.#layOut(entry.contentRect));
    this.resized.observe(this.layer);
    this.unprefer = onPrefs(() => this.#layOut(this.size));
  }

  end() {
    this.resized.disconnect();
    this.unprefer();
    this.clear();
  }

  /** Shows one when a lane is free; one's own and the host's wait longer for it. */
  show(comment, { own = false } = {}) {
    if (!this.settings().danmaku || document.hidden || this.#paused || this.#lanes.none) return;
    const [now, wait] = [performance.now(), own || comment.user.role === 'host' ? IMPORTANT_WAIT_MS : WAIT_MS];
    const { content, style } = comment;
    if (isIgnored(comment.user.id)) return;
    this.#queue.push({ comment, content: spoken(content).text, style: style || {}, own, until: now + wait });
    if (this.#queue.length > 60) this.#queue.shift();
    this.#schedule();
  }

  /** Takes down what was deleted. */
  forget(isGone) {
    this.#queue = this.#queue.filter(({ comment }) => !isGone(comment));
    for (const one of [...this.#flying]) if (isGone(one.comment)) this.#land(one);
  }

  clear() {
    this.#queue = [];
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    for (const one of [...this.#flying]) {
      one.animation.cancel();
      this.#land(one);
    }
    this.#lanes.clear();
  }

  /** Freezes what flies (a replay that is paused). */
  pause(paused) {
    this.#paused = paused;
    for (const { animation } of this.#flying) paused ? animation.pause() : animation.play();
  }

  #layOut({ width, height }) {
    this.size = { width, height };
    const { opacity, size, area, danmaku } = this.settings();
    this.unit = BASE_PX * size * Math.min(1.25, Math.max(0.72, width / 900));
    this.layer.style.opacity = opacity;
    this.layer.hidden = !danmaku;
    this.#lanes.layOut(this.size, this.unit * 1.5, area);
    if (!danmaku) this.clear();
  }

  #schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#fly(performance.now());
      if (this.#queue.length) this.#frame = requestAnimationFrame(() => ((this.#frame = 0), this.#schedule()));
    });
  }

  /** Starts what finds a lane; all of a frame are added before any is moved, so that there is one layout. */
  #fly(now) {
    const waiting = [];
    const fresh = [];
    for (const item of this.#queue) {
      if (now > item.until) continue;
      // Those of one frame set out one after another, or they would march in a column.
      const delay = fresh.length ? Math.random() * SCATTER_MS : 0;
      const flight = this.#flying.size + fresh.length < MAX_NODES && this.#plan(item, now, delay);
      if (flight) fresh.push(flight);
      else waiting.push(item);
    }
    this.#queue = waiting;
    for (const flight of fresh) this.#launch(flight);
  }

  #plan(item, now, delay) {
    const px = this.unit * (SCALE[item.style.size] || 1);
    this.#measure.font = `700 ${px}px ${FONT}`;
    const width = Math.min(this.#measure.measureText(item.content).width + 14, 3000);
    const mode = calm() && item.style.mode !== 'bottom' ? 'top' : item.style.mode || 'scroll';
    return mode === 'scroll' ? this.#cross(item, now, delay, width, px) : this.#stand(item, now, width, px, mode);
  }

  #cross(item, now, delay, width, px) {
    const gapPx = 28 + (1 - this.settings().density) * 420 + Math.random() * 180;
    const lane = this.#lanes.cross({ now, delay, width, gapPx, speed: this.settings().speed });
    if (!lane) return null;
    const at = (x) => ({ transform: `translate3d(${x}px,${lane.y}px,0)` });
    return { item, px, ms: lane.ms, delay, frames: [at(this.size.width), at(-width)] };
  }

  #stand(item, now, width, px, mode) {
    const { y, ms, emptyAt } = this.#lanes.stand({ now, top: mode === 'top' });
    if (!ms) {
      item.until = Math.max(item.until, Math.min(emptyAt, now + LONGER_WAIT_MS) + 100);
      return null;
    }
    const at = `translate3d(${Math.max(4, (this.size.width - width) / 2)}px,${y}px,0)`;
    return { item, px, ms, frames: [{ transform: at, opacity: 1 }, { transform: at, opacity: 1, offset: 0.92 }, { transform: at, opacity: 0 }] };
  }

  #launch({ item, px, ms, delay = 0, frames }) {
    const node = this.#pool.pop() || this.layer.appendChild(h('span', { class: 'flying' }));
    node.textContent = item.content;
    node.style.fontSize = `${px.toFixed(1)}px`;
    node.style.color = item.style.color || '#ffffff';
    node.classList.toggle('own', item.own);
    node.classList.remove('parked');
    const one = { comment: item.comment, node, animation: node.animate(frames, { duration: ms, delay, easing: 'linear', fill: 'both' }) };
    one.animation.onfinish = () => this.#land(one);
    this.#flying.add(one);
  }

  #land(one) {
    if (!this.#flying.delete(one)) return;
    one.animation.onfinish = null;
    one.animation.cancel();
    one.node.classList.add('parked');
    one.node.textContent = '';
    this.#pool.push(one.node);
  }
}
