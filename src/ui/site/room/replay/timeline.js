// The comments of a stream by their time, fetched in stretches as the replay comes near them.
import { get, query } from '../../core/api.js';

const STRETCH_MS = 120_000;
const KEPT = 40; // stretches in memory; the oldest are let go

export class Timeline {
  #stretches = new Map(); // index -> promise of comments, in time

  /** `path` is that of the comments. */
  constructor(path) {
    this.path = path;
    this.loaded = new Map();
    this.onload = () => {};
  }

  /** Those with an offset in [from, to). The next stretch is fetched ahead. */
  async between(from, to) {
    const found = [];
    for (let i = index(from); i <= index(to); i++) found.push(...(await this.#stretch(i)).filter((c) => c.offset_ms >= from && c.offset_ms < to));
    if (index(to + STRETCH_MS / 3) !== index(to)) this.#stretch(index(to) + 1);
    return found;
  }

  /** The last `n` before `at`, as far as two stretches hold them. */
  async before(at, n) {
    const here = index(at);
    const earlier = here > 0 ? await this.#stretch(here - 1) : [];
    return [...earlier, ...(await this.#stretch(here))].filter((c) => c.offset_ms < at).slice(-n);
  }

  /** The first one from `at` on, as far as two stretches hold it. */
  async first(at) {
    const here = (await this.#stretch(index(at))).find((c) => c.offset_ms >= at);
    return here ?? (await this.#stretch(index(at) + 1))[0];
  }

  /** What is said meanwhile, where its stretch was fetched already. */
  add(comment) {
    const comments = this.loaded.get(index(comment.offset_ms ?? 0));
    if (comments && !comments.some(({ id }) => id === comment.id)) comments.push(comment);
  }

  /** What was deleted while the replay is open. */
  forget(isGone) {
    for (const comments of this.loaded.values()) comments.splice(0, comments.length, ...comments.filter((comment) => !isGone(comment)));
  }

  /** Offsets of what is known so far. */
  offsets() {
    return [...this.loaded.values()].flat().map((c) => c.offset_ms);
  }

  #stretch(i) {
    if (!this.#stretches.has(i)) {
      this.#stretches.set(i, this.#fetch(i));
      if (this.#stretches.size > KEPT) this.#stretches.delete(this.#stretches.keys().next().value);
    }
    return this.#stretches.get(i);
  }

  async #fetch(i) {
    const span = { order: 'asc', from_offset_ms: i * STRETCH_MS, to_offset_ms: (i + 1) * STRETCH_MS, limit: 100 };
    const comments = [];
    let cursor = null;
    try {
      do {
        const page = await get(query(this.path, { ...span, cursor }));
        comments.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && comments.length < 20_000);
    } catch {
      this.#stretches.delete(i); // tried again when it is needed again
      return comments;
    }
    comments.sort((a, b) => a.offset_ms - b.offset_ms);
    this.loaded.set(i, comments);
    this.onload();
    return comments;
  }
}

const index = (ms) => Math.floor(Math.max(0, ms) / STRETCH_MS);
