// Who is logged in. The access token lives in memory; the refresh token in an HttpOnly cookie that no script sees.
// Tabs share that cookie, so they share what it was exchanged for, too: one renews, all hear of it.
import { backoff } from '../livehouse/small.js';
import { authorizeWith, call } from './api.js';
import { exclusively } from './lease.js';
import { keep, kept } from './prefs.js';

const FLAG = 'livehouse.login'; // says only that there was a login, so that guests cause no refresh
const EARLY_MS = 30_000;
const AGAIN_MS = [1_000, 30_000];

const listeners = new Set();
const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel('livehouse') : null;
let user = null;
let access = null; // {token, until, id}
let renewal = null;
let again = null; // the timer of a resumption that failed
let failures = 0;

/** The account, or null for a guest. */
export const me = () => user;

/** Calls back when somebody logs in or out, or is renamed; gives the way to stop. */
export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** On page load: takes up the session that the cookie holds. What fails is tried again, as long as nobody was logged out. */
export async function resume() {
  if (user || !kept(FLAG)) return;
  clearTimeout(again);
  try {
    if (!(await renew())) return;
    user = await call('GET', '/users/me');
    failures = 0;
    tell();
  } catch (error) {
    failures += 1;
    again = setTimeout(resume, Math.max(error.retryAfterMs || 0, backoff(failures, AGAIN_MS)));
  }
}

addEventListener('online', resume);

/** A token that is good for a while yet, or null for a guest. `force` renews in any case. */
export async function token({ force = false } = {}) {
  if (!access) return null;
  if (!force && access.until - Date.now() > EARLY_MS) return access.token;
  const renewed = await renew();
  return renewed ? access.token : null;
}

authorizeWith({ token });

/** Registers; whether an administrator has to let them in first. */
export async function register(username, password, displayName, invitation) {
  const body = { username, password, transport: 'cookie' };
  if (displayName) body.display_name = displayName;
  if (invitation) body.invitation = invitation;
  const answer = await call('POST', '/users', body, { anonymous: true });
  if (answer.state === 'pending') return true;
  enter(answer);
  return false;
}

export async function login(username, password) {
  enter(await call('POST', '/sessions', { username, password, transport: 'cookie' }, { anonymous: true }));
}

/** Makes the first administrator of the site, by what its log shows. */
export async function setUp(shown, username, password) {
  enter(await call('POST', '/setup', { token: shown, username, password, transport: 'cookie' }, { anonymous: true }));
}

export async function logout() {
  try {
    await call('DELETE', '/sessions/current');
  } finally {
    leave();
    tabs?.postMessage({ kind: 'out' });
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
  clearTimeout(again);
  keep(FLAG, null);
  tell();
}

function enter({ user: who, session }) {
  user = who;
  hold(session);
  keep(FLAG, '1');
  tell();
  share('in');
}

function hold(session) {
  access = { token: session.access_token, until: Date.now() + session.expires_in * 1000, id: session.id };
}

/** Tells the other tabs, with all they need: what is stored may reach them later than this. */
function share(kind) {
  tabs?.postMessage({ kind, user, access });
}

/** One renewal at a time, in this tab and among tabs. */
function renew() {
  const before = access?.token;
  renewal ??= exclusively('livehouse-refresh', () => (access && access.token !== before ? true : rotate())).finally(() => (renewal = null));
  return renewal;
}

/** Only the server's word that the session is over (or that there is none) ends it; whatever else fails may be tried again. */
async function rotate() {
  try {
    const { session } = await call('POST', '/sessions/refresh', {}, { anonymous: true });
    hold(session);
    share('renewed');
    return true;
  } catch (error) {
    if (error.status !== 401 && error.status !== 422) throw error;
    const had = user;
    leave();
    if (had) for (const listener of listeners) listener(null, { ended: true });
    return false;
  }
}

function tell() {
  for (const listener of [...listeners]) listener(user, {});
}

const heard = {
  out: () => user && leave(),
  in(data) {
    const before = user?.id;
    [user, access] = [data.user, data.access];
    clearTimeout(again);
    if (before !== user.id) tell();
  },
  renewed(data) {
    if (user ? data.access.id === access?.id : kept(FLAG)) access = data.access;
  },
};

tabs?.addEventListener('message', ({ data }) => heard[data?.kind]?.(data));
