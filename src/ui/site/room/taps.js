// One's own taps on reactions: gathered until they are sent, and told apart from those of others in the totals.

const MOST = 20; // of a kind at once, as the server takes them

export class Taps {
  #unsent = {};
  #uncounted = {};
  #totals = null;

  add(kind) {
    this.#unsent[kind] = Math.min(MOST, (this.#unsent[kind] || 0) + 1);
    this.#uncounted[kind] = (this.#uncounted[kind] || 0) + 1;
  }

  /** What is to be sent: `[[kind, count], …]`. */
  take() {
    const taken = Object.entries(this.#unsent);
    this.#unsent = {};
    return taken;
  }

  /** New totals; gives how many of each kind rose since the last ones and were not tapped here. */
  others(totals) {
    const before = this.#totals;
    this.#totals = { ...totals };
    const rose = Object.entries(before ? totals : {}).map(([kind, n]) => [kind, this.#foreign(kind, n - (before[kind] || 0))]);
    return rose.filter(([, n]) => n > 0);
  }

  #foreign(kind, more) {
    const own = Math.min(this.#uncounted[kind] || 0, Math.max(0, more));
    this.#uncounted[kind] = (this.#uncounted[kind] || 0) - own;
    return more - own;
  }
}
