// Keeps whom the reader ignores with the account, so that it holds in each of its browsers; a guest's stays in this one.
import { all, del, piece, put } from './api.js';
import { agree, ignore } from './ignored.js';
import { me } from './session.js';

const MOST = 1000;
const at = ({ username }) => `/users/me/ignored/${piece(username)}`;

/** Ignores somebody from now on, or no longer; what the server does not take holds in this browser all the same. */
export async function ignoreAs(user, yes) {
  ignore(user, yes);
  if (me()) await (yes ? put(at(user)) : del(at(user))).catch(() => {});
}

/** Takes over what the account has, and gives it what only this browser knew. */
export async function agreeOnIgnored() {
  if (!me()) return;
  const kept = await all('/users/me/ignored', MOST).catch(() => null);
  if (!kept) return;
  for (const user of agree(kept)) await put(at(user)).catch(() => {});
}
