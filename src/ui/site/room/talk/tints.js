// Which colour a name has in this room: the one that is its own everywhere, unless somebody who spoke lately has that.
import { tint } from '../../core/random.js';

const HUES = 12;
const TINTS = 2 * HUES; // each hue in two depths
const MOST = 500;

export class Tints {
  #known = new Map(); // account -> tint, who spoke last comes last

  /** Whoever speaks keeps it, as long as there are not hundreds since. */
  of(id) {
    const found = this.#known.get(id) ?? this.#free(tint(id));
    this.#known.delete(id);
    this.#known.set(id, found);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value);
    return found;
  }

  /** Its own, then hues far from it, then all of them deeper: the first that nobody has who spoke lately. */
  #free(own) {
    const taken = new Set([...this.#known.values()].slice(1 - TINTS));
    const hues = Array.from({ length: HUES }, (_, n) => (own + n * 5) % HUES);
    return [...hues, ...hues.map((hue) => hue + HUES)].find((one) => !taken.has(one));
  }
}
