// Recognises equal texts of a flood, so that fifty times the same becomes one row with a count.

const WINDOW_MS = 20_000;
const REMEMBERED = 60;

export class Fold {
  #texts = new Map(); // folded text -> {row, at}
  #counts = new Map(); // row -> how many

  /** The row that already shows this text, now counting one more; or null. */
  find(comment, now = performance.now()) {
    const known = this.#texts.get(key(comment));
    if (!known || !known.row.isConnected && !known.row.parentNode || now - known.at > WINDOW_MS) return null;
    known.at = now;
    this.#counts.set(known.row, this.count(known.row) + 1);
    return known.row;
  }

  add(comment, row, now = performance.now()) {
    this.#texts.delete(key(comment));
    this.#texts.set(key(comment), { row, at: now });
    if (this.#texts.size > REMEMBERED) this.#texts.delete(this.#texts.keys().next().value);
  }

  count(row) {
    return this.#counts.get(row) || 1;
  }

  /** One of the row's comments is gone; answers how many are left. */
  without(row) {
    const left = this.count(row) - 1;
    if (left > 0) this.#counts.set(row, left);
    else this.forget(row);
    return left;
  }

  /** The row is gone. */
  forget(row) {
    this.#counts.delete(row);
    for (const [text, known] of this.#texts) if (known.row === row) this.#texts.delete(text);
  }

  clear() {
    this.#texts.clear();
    this.#counts.clear();
  }
}

function key(comment) {
  return comment.content.normalize('NFKC').toLowerCase().replace(/\s+/g, '').replace(/([!?~。！？哈w6])\1+/gu, '$1');
}
