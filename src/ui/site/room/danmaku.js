// Comments that fly over the picture. Lanes never overlap: a lane takes the next one when the last has fully entered,
// all fly at one speed, and those that stand still have a lane to themselves. Nodes are pooled; motion is the compositor's.
import { h } from '../core/dom.js';
import { onPrefs, prefs, calm } from '../core/prefs.js';

const FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const BASE_PX = 23;
const SCALE = { small: 0.78, normal: 1, large: 1.3 };
const MAX_NODES = 80;
const WAIT_MS = 900; // a comment that finds no lane for so long is not shown
const IMPORTANT_WAIT_MS = 5000;
const SCATTER_MS = 900;
const STILL_MS = 4500;
const TOP_PX = 42; // the badges stay readable
const CROSSING_S = 9; // at speed 1 over a layer of 900 px

export class Danmaku {
  #lanes = [];
  #queue = [];
  #pool = [];
  #flying = new Set(); // {node, animation}
  #frame = 0;
  #paused = false;
  #measure = document.createElement('canvas').getContext('2d');

  constructor() {
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

  /** Shows one when a lane is free; `important` (own, host's) waits longer for it. */
  show(comment, { important = false, own = false } = {}) {
    if (!prefs().danmaku || document.hidden || this.#paused || !this.#lanes.length) return;
    const [now, wait] = [performance.now(), important || own ? IMPORTANT_WAIT_MS : WAIT_MS];
    const { content, style } = comment;
    this.#queue.push({ comment, content, style: style || {}, own, until: now + wait });
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
    for (const lane of this.#lanes) Object.assign(lane, freeLane(lane.y));
  }

  /** Freezes what flies (a replay that is paused). */
  pause(paused) {
    this.#paused = paused;
    for (const { animation } of this.#flying) paused ? animation.pause() : animation.play();
  }

  #layOut({ width, height }) {
    this.size = { width, height };
    const { opacity, size, area, danmaku } = prefs();
    this.unit = BASE_PX * size * Math.min(1.25, Math.max(0.72, width / 900));
    this.layer.style.opacity = opacity;
    this.layer.hidden = !danmaku;
    const laneHeight = this.unit * 1.5;
    const lanes = Math.max(1, Math.floor((height * area - TOP_PX) / laneHeight));
    if (lanes !== this.#lanes.length || laneHeight !== this.laneHeight) {
      this.laneHeight = laneHeight;
      this.#lanes = Array.from({ length: height < 40 ? 0 : lanes }, (_, i) => freeLane(TOP_PX + i * laneHeight));
    }
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
    return mode === 'scroll' ? this.#planScroll(item, now, delay, width, px) : this.#planStill(item, now, width, px, mode);
  }

  #planScroll(item, now, delay, width, px) {
    const speed = ((900 / CROSSING_S) * prefs().speed * Math.max(0.6, this.size.width / 900)) / 1000; // px a ms
    const gap = 28 + (1 - prefs().density) * 420 + Math.random() * 180;
    const lane = this.#lanes.find((l) => now >= l.enteredAt && now >= l.stillUntil);
    if (!lane) return null;
    const ms = (this.size.width + width) / speed;
    lane.enteredAt = now + delay + (width + gap) / speed;
    lane.clearAt = Math.max(lane.clearAt, now + delay + ms);
    const from = `translate3d(${this.size.width}px,${lane.y}px,0)`;
    return { item, px, ms, delay, frames: [{ transform: from }, { transform: `translate3d(${-width}px,${lane.y}px,0)` }] };
  }

  #planStill(item, now, width, px, mode) {
    const lanes = mode === 'top' ? this.#lanes : [...this.#lanes].reverse();
    const lane = lanes.find((l) => now >= l.stillUntil && now >= l.clearAt);
    if (!lane) {
      // Nobody enters the first lane any more until it has emptied.
      const next = lanes.find((l) => now >= l.stillUntil);
      if (next) next.enteredAt = Math.max(next.enteredAt, next.clearAt + 50);
      item.until = Math.max(item.until, Math.min(next?.clearAt ?? 0, now + 9000) + 100);
      return null;
    }
    lane.stillUntil = now + STILL_MS;
    const at = `translate3d(${Math.max(4, (this.size.width - width) / 2)}px,${lane.y}px,0)`;
    return { item, px, ms: STILL_MS, frames: [{ transform: at, opacity: 1 }, { transform: at, opacity: 1, offset: 0.92 }, { transform: at, opacity: 0 }] };
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

const freeLane = (y) => ({ y, enteredAt: 0, clearAt: 0, stillUntil: 0 });
