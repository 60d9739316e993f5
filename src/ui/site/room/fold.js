// Recognises equal texts of a flood, so that fifty times the same becomes one row with a count.

const WINDOW_MS = 20_000;
const REMEMBERED = 60;

export class Fold {
  #texts = new Map(); // folded text -> {row, at}
  #held = new Map(); // row -> the comments it stands for, the one it shows first

  /** Adds to the row that already shows this text and gives it; or null. */
  find(comment, { now = performance.now() } = {}) {
    const known = this.#texts.get(key(comment));
    if (!known || !known.row.isConnected && !known.row.parentNode || now - known.at > WINDOW_MS) return null;
    known.at = now;
    this.#held.get(known.row).push(comment);
    return known.row;
  }

  add(comment, row, { now = performance.now() } = {}) {
    const text = key(comment);
    this.#texts.delete(text);
    this.#texts.set(text, { row, at: now });
    this.#held.set(row, [comment]);
    if (this.#texts.size > REMEMBERED) this.#texts.delete(this.#texts.keys().next().value);
  }

  /** The comments a row stands for. */
  of(row) {
    return this.#held.get(row) || [];
  }

  /** One of the row's comments is gone; answers those that are left. */
  without(row, id) {
    const left = this.of(row).filter((comment) => comment.id !== id);
    if (left.length) this.#held.set(row, left);
    else this.forget(row);
    return left;
  }

  /** Another row stands for the same now. */
  replace(row, next) {
    this.#held.set(next, this.of(row));
    this.#held.delete(row);
    for (const known of this.#texts.values()) if (known.row === row) known.row = next;
  }

  /** The row is gone. */
  forget(row) {
    this.#held.delete(row);
    for (const [text, known] of this.#texts) if (known.row === row) this.#texts.delete(text);
  }

  clear() {
    this.#texts.clear();
    this.#held.clear();
  }
}

function key(comment) {
  return comment.content.normalize('NFKC').toLowerCase().replace(/\s+/g, '').replace(/([!?~。！？哈w6])\1+/gu, '$1');
}
