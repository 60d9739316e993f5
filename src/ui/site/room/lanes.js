// Where and when a comment may fly so that none overlaps another: a lane takes the next one when the last has fully
// entered, all fly at one speed, and those that stand still have a lane to themselves. Times are milliseconds.

const TOP_PX = 42; // the badges stay readable
const CROSSING_S = 9; // at speed 1 over a layer of 900 px
const LEAST_PX = 40; // a layer lower than this has no lanes
const STILL_MS = 4500;

export class Lanes {
  #lanes = [];
  #width = 0;
  #height = 0; // of a lane

  /** As many as fit into the part `area` of a layer; those that are there stay as they are where nothing changed. */
  layOut({ width, height }, laneHeight, area) {
    this.#width = width;
    const fit = height < LEAST_PX ? 0 : Math.max(1, Math.floor((height * area - TOP_PX) / laneHeight));
    if (fit === this.#lanes.length && laneHeight === this.#height) return;
    this.#height = laneHeight;
    this.#lanes = Array.from({ length: fit }, (_, i) => free(TOP_PX + i * laneHeight));
  }

  get none() {
    return !this.#lanes.length;
  }

  clear() {
    this.#lanes = this.#lanes.map(({ y }) => free(y));
  }

  /** Takes a lane for a text that crosses from `now + delay` on, and `gapPx` behind it: `{y, ms}`, or null where none is free. */
  cross({ now, delay, width, gapPx, speed }) {
    const lane = this.#lanes.find((l) => now >= l.enteredAt && now >= l.stillUntil);
    if (!lane) return null;
    const pxPerMs = ((900 / CROSSING_S) * speed * Math.max(0.6, this.#width / 900)) / 1000;
    const ms = (this.#width + width) / pxPerMs;
    lane.enteredAt = now + delay + (width + gapPx) / pxPerMs;
    lane.clearAt = Math.max(lane.clearAt, now + delay + ms);
    return { y: lane.y, ms };
  }

  /** Takes the empty lane nearest to the `top` or the bottom: `{y, ms}`; or keeps one free of new ones, and says until when that takes. */
  stand({ now, top }) {
    const lanes = top ? this.#lanes : [...this.#lanes].reverse();
    const lane = lanes.find((l) => now >= l.stillUntil && now >= l.clearAt);
    if (lane) {
      lane.stillUntil = now + STILL_MS;
      return { y: lane.y, ms: STILL_MS };
    }
    const next = lanes.find((l) => now >= l.stillUntil);
    if (next) next.enteredAt = Math.max(next.enteredAt, next.clearAt + 50);
    return { emptyAt: next?.clearAt ?? 0 };
  }
}

const free = (y) => ({ y, enteredAt: 0, clearAt: 0, stillUntil: 0 });
