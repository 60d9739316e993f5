// What was left out of the log for this viewer, as ranges of numbers that grow together.

const MOST = 50;

export class Gaps {
  #ranges = [];

  /** From one number to another, of which so many were comments. */
  add({ from, to, missed }) {
    const last = this.#ranges.at(-1);
    if (last && from <= last.to + 1) Object.assign(last, { to: Math.max(to, last.to), missed: last.missed + missed });
    else this.#ranges.push({ from, to, missed });
    if (this.#ranges.length > MOST) this.#ranges.shift();
  }

  /** How many comments that are. */
  get missed() {
    return this.#ranges.reduce((sum, range) => sum + range.missed, 0);
  }

  /** All of them, which are none from now on. */
  take() {
    return this.#ranges.splice(0);
  }
}
