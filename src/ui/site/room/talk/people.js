// Who has been heard in this room, so that they can be named: to complete a name, and to tell a mention from other text.
import { Tints } from './tints.js';

const MOST = 500;
const MENTION = /@([\p{L}\p{N}\p{M}_.-]{2,32})/gu;
const fold = (name) => name.normalize('NFKC').toLowerCase();

export class People {
  #users = new Map(); // folded username -> user, who spoke last comes last
  tints = new Tints();

  /** `myName()`: the reader's own username, or nothing. */
  constructor(myName = () => null) {
    this.myName = myName;
  }

  heard(user) {
    if (!user?.username) return;
    const key = fold(user.username);
    this.#users.delete(key);
    this.#users.set(key, user);
    if (this.#users.size > MOST) this.#users.delete(this.#users.keys().next().value);
  }

  /** Those whose username, or name that is shown, begins so, who spoke last first, without oneself; nobody where it is a
   * whole username already. */
  completing(start, most = 6) {
    const wanted = fold(start);
    if (this.#users.has(wanted)) return [];
    const mine = fold(this.myName() ?? '');
    const found = [];
    for (const [key, user] of [...this.#users].reverse()) {
      if (key !== mine && (key.startsWith(wanted) || fold(user.display_name ?? '').startsWith(wanted))) found.push(user);
      if (found.length === most) break;
    }
    return found;
  }

  /** Where a text names somebody: `[{from, to, me}]`. Where no space stands behind a name, the longest that is known counts. */
  mentions(text) {
    if (!text.includes('@')) return [];
    const found = [];
    for (const { 0: whole, 1: name, index } of text.matchAll(MENTION)) {
      if (/[\p{L}\p{N}_.]/u.test(text[index - 1] ?? ' ') && /[\0-\x7f]/.test(text[index - 1] ?? ' ')) continue;
      const known = this.#known(fold(name));
      if (known) found.push({ from: index, to: index + 1 + Math.min(known.length, whole.length - 1), me: known === fold(this.myName() ?? '') });
    }
    return found;
  }

  #known(name) {
    const mine = fold(this.myName() ?? '');
    for (let end = name.length; end > 1; end--) {
      const start = name.slice(0, end);
      const ends = end === name.length || !/[a-z0-9_]/.test(name[end]) || !/[a-z0-9_]/.test(name[end - 1]);
      if (ends && (start === mine || this.#users.has(start))) return start;
    }
    return null;
  }
}
