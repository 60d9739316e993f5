// Which announcements, pins and polls this browser has read or closed, so that they do not come back whole.
import { keep, keptJson } from '../core/prefs.js';

const KEY = 'livehouse.seen';
const MOST = 60;

export class Seen {
  /** `read`, `closed`, or null for what is new. */
  state(id) {
    return keptJson(KEY)[id] ?? null;
  }

  /** What was closed stays closed; the oldest are forgotten. */
  mark(id, state) {
    const { [id]: before, ...others } = keptJson(KEY);
    const all = Object.entries({ ...others, [id]: before === 'closed' ? before : state });
    keep(KEY, JSON.stringify(Object.fromEntries(all.slice(-MOST))));
  }
}
