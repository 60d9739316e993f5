// Who is logged in, in one tab and among several: a module loaded twice is two tabs of one browser.
import assert from 'node:assert/strict';
import { after, beforeEach, mock, test } from 'node:test';
import { json, problem, serve, settle, stopClock } from './support.mjs';
import { kept } from '../../src/ui/site/core/prefs.js';

// As the browser's, but that it holds no process.
const Real = globalThis.BroadcastChannel;
const channels = [];
globalThis.BroadcastChannel = class extends Real {
  constructor(name) {
    super(name);
    channels.push(this);
  }
};
after(() => channels.forEach((channel) => channel.close()));

const ANA = { id: 'u1', username: 'ana' };
const session = (token, more = {}) => ({ id: 's1', access_token: token, expires_in: 900, ...more });
let tabs = 0;

async function tab() {
  const told = [];
  const it = await import(`../../src/ui/site/core/session.js?tab=${++tabs}`);
  it.onSession((user, { ended }) => told.push(ended ? 'ended' : user?.username ?? null));
  return { it, told };
}

/** Waits for what the other tabs were told. */
async function heard(condition) {
  for (let turn = 0; turn < 500 && !condition(); turn++) await new Promise(setImmediate);
  assert.ok(condition(), String(condition));
}

beforeEach(() => {
  localStorage.clear();
  globalThis.navigator.locks = { request: (_name, work) => work() };
});

test('who logs in is known in every tab, and who logs out in none', async () => {
  const calls = serve({ 'POST /sessions': json({ user: ANA, session: session('a') }), 'DELETE /sessions/current': () => new Response(null, { status: 204 }) });
  const [first, second] = [await tab(), await tab()];
  await first.it.login('ana', 'secret');
  assert.deepEqual(calls[0].body, { username: 'ana', password: 'secret', transport: 'cookie' });
  assert.equal(calls[0].headers.authorization, undefined);
  await heard(() => second.it.me()?.username === 'ana');
  assert.deepEqual([await first.it.token(), await second.it.token(), kept('livehouse.login')], ['a', 'a', '1']);
  await first.it.logout();
  assert.deepEqual([calls[1].name, calls[1].headers.authorization], ['DELETE /sessions/current', 'Bearer a']);
  assert.deepEqual([first.it.me(), kept('livehouse.login')], [null, null]);
  await heard(() => second.it.me() === null);
  assert.deepEqual([first.told, second.told], [['ana', null], ['ana', null]]);
});

test('who registers is logged in, and is renamed and deleted', async () => {
  const calls = serve({ 'POST /users': json({ user: ANA, session: session('a') }, 201), 'POST /sessions': json({ user: ANA, session: session('b') }) });
  const { it, told } = await tab();
  await it.register('ana', 'secret', '');
  await it.register('ana', 'secret', 'Ana');
  await it.login('ana', 'secret');
  assert.deepEqual(calls.map(({ body }) => body.display_name), [undefined, 'Ana', undefined]);
  assert.deepEqual(calls.map(({ headers }) => headers.authorization), [undefined, undefined, undefined], 'nobody is asked who they were');
  it.setMe({ ...ANA, display_name: 'A.' });
  assert.deepEqual([it.me().display_name, told.length], ['A.', 4]);
  it.setMe(null);
  assert.deepEqual([it.me(), await it.token(), told.at(-1)], [null, null, null]);
});

test('a login that is refused changes nothing', async () => {
  serve({ 'POST /sessions': () => problem(401, 'invalid_credentials') });
  const { it, told } = await tab();
  await assert.rejects(it.login('ana', 'wrong'), { code: 'invalid_credentials' });
  assert.deepEqual([it.me(), told, kept('livehouse.login')], [null, [], null]);
});

test('a guest causes no refresh', async () => {
  const calls = serve({});
  const { it } = await tab();
  await it.resume();
  assert.deepEqual([await it.token({ force: true }), calls], [null, []]);
});

test('a page that is loaded anew takes up the session that the cookie holds', async () => {
  localStorage.setItem('livehouse.login', '1');
  serve({ 'POST /sessions/refresh': json({ session: session('b') }), 'GET /users/me': json(ANA) });
  const { it, told } = await tab();
  await it.resume();
  assert.deepEqual([it.me(), await it.token(), told], [ANA, 'b', ['ana']]);
});

test('a token that has run out is renewed once for all who ask', async () => {
  let renewals = 0;
  serve({ 'POST /sessions': json({ user: ANA, session: session('a', { expires_in: 20 }) }), 'POST /sessions/refresh': () => json({ session: session(`r${++renewals}`) }) });
  const { it } = await tab();
  await it.login('ana', 'secret');
  assert.deepEqual(await Promise.all([it.token(), it.token(), it.token({ force: true })]), ['r1', 'r1', 'r1']);
  assert.deepEqual([await it.token(), await it.token({ force: true })], ['r1', 'r2']);
});

test('what another tab renewed is taken, of the same session alone', async () => {
  serve({ 'POST /sessions': json({ user: ANA, session: session('a') }) });
  const { it } = await tab();
  await it.login('ana', 'secret');
  const other = new globalThis.BroadcastChannel('livehouse');
  const until = Date.now() + 900_000;
  other.postMessage({ kind: 'renewed', access: { token: 'x', until, id: 's2' } });
  other.postMessage({ kind: 'renewed', access: { token: 'b', until, id: 's1' } });
  other.postMessage({ kind: 'from the future' });
  await settle();
  assert.equal(await it.token(), 'b');
  other.postMessage({ kind: 'renewed', access: { token: 'x', until, id: 's2' } });
  await settle();
  assert.equal(await it.token(), 'b');
});

test('what one tab renews no other renews again', async () => {
  let renewals = 0;
  serve({ 'POST /sessions': json({ user: ANA, session: session('a') }), 'POST /sessions/refresh': () => json({ session: session(`r${++renewals}`) }) });
  const [first, second] = [await tab(), await tab()];
  await first.it.login('ana', 'secret');
  await heard(() => second.it.me());
  let free;
  navigator.locks = { request: (_name, work) => new Promise((done) => (free = () => done(work()))) };
  const waiting = second.it.token({ force: true });
  const freeSecond = free;
  const renewed = first.it.token({ force: true });
  free();
  assert.equal(await renewed, 'r1');
  await settle();
  freeSecond();
  assert.deepEqual([await waiting, renewals], ['r1', 1]);
});

test('a session that the server ended is told as ended', async () => {
  serve({ 'POST /sessions': json({ user: ANA, session: session('a') }), 'POST /sessions/refresh': () => problem(401, 'unauthenticated') });
  const { it, told } = await tab();
  await it.login('ana', 'secret');
  assert.equal(await it.token({ force: true }), null);
  assert.deepEqual([it.me(), kept('livehouse.login'), told], [null, null, ['ana', null, 'ended']]);
});

test('a renewal that fails otherwise loses nothing, and a page load tries again', async () => {
  localStorage.setItem('livehouse.login', '1');
  const calls = serve({ 'POST /sessions/refresh': () => problem(503, 'unavailable') });
  const { it, told } = await tab();
  const pass = stopClock();
  try {
    await it.resume();
    assert.deepEqual([it.me(), told, calls.length, kept('livehouse.login')], [null, [], 1, '1']);
    serve({ 'POST /sessions/refresh': json({ session: session('b') }), 'GET /users/me': json(ANA) });
    pass(3000);
    await settle();
    assert.equal(it.me()?.username, 'ana');
  } finally {
    mock.restoreAll();
  }
});
