// Who is logged in. The access token lives in memory; the refresh token in an HttpOnly cookie that no script sees.
import { authorizeWith, call } from './api.js';
import { keep, kept } from './prefs.js';

const FLAG = 'livehouse.login'; // says only that there was a login, so that guests cause no refresh
const EARLY_MS = 30_000;

const listeners = new Set();
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('livehouse') : null;
let user = null;
let access = null; // {token, until, id}
let renewal = null;

/** The account, or null for a guest. */
export const me = () => user;

/** Calls back when somebody logs in or out, or is renamed; gives the way to stop. */
export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** On page load: takes up the session that the cookie holds. */
export async function resume() {
  if (!kept(FLAG)) return;
  try {
    if (await renew()) user = await call('GET', '/users/me');
  } catch {
    // Offline: stays a guest until the next call succeeds.
  }
  if (user) tell();
}

/** A token that is good for a while yet, or null for a guest. `force` renews in any case. */
export async function token({ force = false } = {}) {
  if (!access) return null;
  if (!force && access.until - Date.now() > EARLY_MS) return access.token;
  const renewed = await renew();
  return renewed ? access.token : null;
}

authorizeWith({ token });

export async function register(username, password, displayName) {
  const body = { username, password, transport: 'cookie' };
  if (displayName) body.display_name = displayName;
  enter(await call('POST', '/users', body, { anonymous: true }));
}

export async function login(username, password) {
  enter(await call('POST', '/sessions', { username, password, transport: 'cookie' }, { anonymous: true }));
}

export async function logout() {
  try {
    await call('DELETE', '/sessions/current');
  } finally {
    leave();
    tabs?.postMessage('out');
  }
}

/** The account changed (a new display name) or is gone. */
export function setMe(next) {
  user = next;
  if (!next) return leave();
  tell();
}

/** The session was ended elsewhere: this page is a guest's now. */
export function leave() {
  user = null;
  access = null;
  keep(FLAG, null);
  tell();
}

function enter({ user: who, session }) {
  user = who;
  hold(session);
  keep(FLAG, '1');
  tell();
  tabs?.postMessage('in');
}

function hold(session) {
  access = { token: session.access_token, until: Date.now() + session.expires_in * 1000, id: session.id };
}

/** One renewal at a time in this tab, and among tabs where locks exist: they share one cookie. */
function renew() {
  renewal ??= exclusively(rotate).finally(() => (renewal = null));
  return renewal;
}

function exclusively(work) {
  return navigator.locks ? navigator.locks.request('livehouse-refresh', work) : work();
}

async function rotate() {
  try {
    const { session } = await call('POST', '/sessions/refresh', {}, { anonymous: true });
    hold(session);
    return true;
  } catch (error) {
    if (error.status === 401 || error.status === 400 || error.status === 422) {
      const had = user;
      leave();
      if (had) for (const listener of listeners) listener(null, { ended: true });
      return false;
    }
    throw error;
  }
}

function tell() {
  for (const listener of [...listeners]) listener(user, {});
}

tabs?.addEventListener('message', ({ data }) => {
  if (data === 'out' && user) leave();
  if (data === 'in' && !user) resume();
});
