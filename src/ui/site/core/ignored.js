// Whose comments the reader does not want to see, kept in this browser; other tabs hear of changes. It must not know accounts:
// pages without any show comments, too.
import { keep, keptJson } from './prefs.js';

const KEY = 'livehouse.ignored';
const MOST = 1000; // as many as an account keeps
const listeners = new Set();
let ignored = keptJson(KEY); // id -> {id, username, display_name, shared}: whether the account has it, too

addEventListener('storage', ({ key }) => {
  if (key !== KEY) return;
  ignored = keptJson(KEY);
  tell();
});

export const isIgnored = (id) => Object.hasOwn(ignored, id);

/** Everybody, the latest first. */
export const allIgnored = () => Object.values(ignored).reverse();

/** From now on, or no longer. */
export function ignore({ id, username, display_name }, yes = true) {
  const { [id]: _, ...others } = ignored;
  set(yes ? { ...others, [id]: { id, username, display_name } } : others);
}

/** The account has these: what it has no longer goes, what only this browser knows stays. Gives the latter. */
export function agree(kept) {
  const own = allIgnored().filter(({ shared }) => !shared);
  const ofAccount = kept.map(({ id, username, display_name }) => [id, { id, username, display_name, shared: true }]);
  set({ ...Object.fromEntries(own.reverse().map((user) => [user.id, user])), ...Object.fromEntries(ofAccount) });
  return own.filter(({ id }) => !ignored[id].shared);
}

/** Of too many the oldest are forgotten. */
function set(all) {
  ignored = Object.fromEntries(Object.entries(all).slice(-MOST));
  keep(KEY, JSON.stringify(ignored));
  tell();
}

/** Calls back when that changes; gives the way to stop. */
export function onIgnored(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() {
  for (const listener of [...listeners]) listener();
}
