// The client module against a socket and a server that do what the test says: `node --test tests/js`.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { json, problem, settle, stopClock } from './support.mjs';
import { LiveRoom } from '../../src/ui/site/livehouse.js';

const ME = { id: 'u1', username: 'ana' };
const YOU = { role: 'viewer', user: ME, can: ['comment'], ban: null, vote: null };
const STREAM = { id: 's', host: { id: 'u9' } };
let sockets;
let calls;
let routes; // 'GET /events' -> a Response, or a function that makes one
let pass; // lets time pass

class FakeSocket {
  constructor(url, protocols) {
    Object.assign(this, { url: new URL(url), protocols, readyState: 0, sent: [] });
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open(...frames) {
    this.readyState = 1;
    this.say({ type: 'welcome', heartbeat_ms: 25_000, you: YOU }, ...frames);
  }
  say(...frames) {
    for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) });
  }
  end(code = 1006) {
    this.readyState = 3;
    this.onclose({ code, reason: '' });
  }
  ops(op) {
    return this.sent.filter((frame) => frame.op === op);
  }
}

const snapshot = (seq, comments = []) => ({ type: 'snapshot', epoch: 'e', seq, stream: STREAM, comments });
const comment = (seq, client_id, user = ME) => ({ id: `c${seq}`, seq, client_id, user, content: 'hello' });
const created = (seq, client_id, user) => ({ type: 'comment.created', seq, ts: '', comment: comment(seq, client_id, user) });

/** A log by HTTP that the test writes into. */
function log() {
  let writer;
  const body = new ReadableStream({ start: (it) => (writer = it) });
  const say = (text) => writer.enqueue(new TextEncoder().encode(text));
  const event = (frame, epoch = 'e') => say(`id: ${epoch}:${frame.seq}\nevent: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`);
  return { response: new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } }), event, say, end: () => writer.close() };
}

function room(options = {}) {
  const statuses = [];
  const it = new LiveRoom({ stream: 's', server: 'http://house', token: async () => 'good', ...options });
  it.on('status', (status) => statuses.push(status));
  return { it, statuses, last: () => statuses.at(-1) };
}

beforeEach(() => {
  [sockets, calls, routes] = [[], [], {}];
  globalThis.WebSocket = FakeSocket;
  globalThis.fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const name = `${init.method} ${pathname.replace('/api/v1', '').replace('/streams/s', '') || '/'}`;
    calls.push({ name, after: searchParams.get('after'), init });
    const found = routes[name];
    if (!found) throw new TypeError('no network');
    return typeof found === 'function' ? found(init, searchParams) : found;
  };
  pass = stopClock();
  mock.method(Math, 'random', () => 0.5);
});

afterEach(() => mock.restoreAll());

async function joined(options, frames = [snapshot(10)]) {
  const made = room(options);
  made.it.connect();
  await settle();
  sockets[0].open(...frames);
  return made;
}

async function reconnected(wait = 60_000) {
  const before = sockets.length;
  await settle();
  pass(wait);
  await settle();
  assert.equal(sockets.length, before + 1, 'it reconnects');
  return sockets.at(-1);
}

test('an unanswered comment that the log holds is not sent again', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  sockets[0].end();
  const second = await reconnected();
  second.open({ type: 'resumed', epoch: 'e', from: 11, to: 12 }, created(11, 'k', { id: 'u2' }));
  assert.equal(second.ops('comment').length, 0, 'not before the log is read');
  second.say(created(12, 'k'));
  assert.equal((await posted).comment.id, 'c12');
  assert.equal(second.ops('comment').length, 0);
  it.close();
});

test('an unanswered comment that the log does not hold is sent again at its head', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  sockets[0].end();
  const second = await reconnected();
  second.open({ type: 'resumed', epoch: 'e', from: 11, to: 11 }, created(11, 'other'));
  assert.deepEqual(second.ops('comment').map((op) => op.client_id), ['k']);
  second.say({ type: 'ack', op: 'comment', ref: second.sent[0].ref, comment: comment(12, 'k') });
  assert.equal((await posted).state, 'posted');
  it.close();
});

test('what was left out of the log counts as read', async () => {
  const { it } = await joined();
  it.comment('hello').catch(() => {});
  sockets[0].end();
  const second = await reconnected();
  second.open({ type: 'resumed', epoch: 'e', from: 11, to: 12 }, { type: 'lagged', from: 11, to: 12, missed: 2 });
  assert.equal(second.ops('comment').length, 1);
  it.close();
});

test('a comment that was deleted meanwhile stays deleted, a refusal stays a refusal', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  sockets[0].end();
  const second = await reconnected();
  second.open(snapshot(12));
  second.say({ type: 'error', ref: second.ops('comment')[0].ref, code: 'not_found', message: 'gone' });
  assert.deepEqual(await posted, { state: 'deleted' });
  const refused = it.comment('first time');
  second.say({ type: 'error', ref: second.ops('comment')[1].ref, code: 'not_found', message: 'no' });
  await assert.rejects(refused, { code: 'not_found' });
  it.close();
});

test('who is let in and thrown out again waits longer each time, until a connection lasts', async () => {
  const { it, statuses } = await joined();
  for (let n = 0; n < 6; n++) {
    sockets.at(-1).end(1013);
    (await reconnected()).open(snapshot(10));
  }
  const waits = statuses.filter((s) => s.retryInMs).map((s) => s.retryInMs);
  assert.ok(waits.every((ms, n) => n === 0 || ms > waits[n - 1]), String(waits));
  pass(30_000);
  sockets.at(-1).end(1013);
  assert.equal(statuses.at(-1).retryInMs, waits[0]);
  it.close();
});

test('a stream that is gone is not asked for again', async () => {
  routes = { 'GET /events': () => problem(404, 'not_found') };
  const { it, last } = room();
  it.connect();
  await settle();
  sockets[0].end();
  await settle();
  assert.deepEqual([last().state, last().code], ['closed', 4404]);
  pass(600_000);
  await settle();
  assert.equal(sockets.length, 1);
});

test('a token that is refused is renewed once, and then not shown', async () => {
  routes = { 'GET /events': ({ headers }) => (headers.authorization ? problem(401, 'unauthenticated') : problem(503, 'overloaded')) };
  const asked = [];
  const { it } = room({ token: async ({ force }) => asked.push(Boolean(force)) && 'bad' });
  const logins = [];
  it.on('login', (login) => logins.push(login));
  it.connect();
  await settle();
  for (let n = 0; n < 3; n++) {
    sockets.at(-1).end();
    await reconnected();
  }
  assert.deepEqual(sockets.map((s) => s.protocols.length), [2, 2, 1, 1]);
  assert.equal(asked.filter(Boolean).length, 1, 'renewed once');
  assert.equal(logins.length, 1);
  it.close();
});

test('a refusal is told with the reason of the server, and its wait is kept', async () => {
  routes = { 'GET /events': () => problem(429, 'rate_limited', { 'retry-after': '7' }) };
  const { it, last } = room();
  it.connect();
  await settle();
  sockets[0].end();
  await settle();
  assert.equal(last().state, 'reconnecting');
  assert.equal(last().reason, 'rate_limited');
  assert.ok(last().retryInMs >= 7000, String(last().retryInMs));
  it.close();
});

async function byHttp(more = {}) {
  const events = log();
  routes = {
    'GET /events': (_, search) => (search.get('limit') ? json({ items: [], head: 10, epoch: 'e' }) : events.response),
    'GET /': () => json(STREAM),
    'GET /comments': () => json({ items: [comment(10), comment(9)] }),
    'GET /users/me': () => json(ME),
    ...more,
  };
  const made = room();
  const seen = [];
  for (const type of ['snapshot', 'event']) made.it.on(type, (frame) => seen.push(frame));
  made.it.connect();
  await settle();
  sockets[0].end();
  await settle();
  return { ...made, events, seen };
}

test('where no socket comes through the room is read and written by HTTP', async () => {
  const bodies = [];
  const post = ({ body }) => bodies.push(JSON.parse(body)) && json(comment(12, 'k'));
  const { it, last, events, seen } = await byHttp({ 'POST /comments': post });
  assert.deepEqual([last().state, last().by], ['open', 'http']);
  assert.deepEqual(seen[0].comments.map((c) => c.seq), [9, 10], 'oldest first');
  assert.equal(it.you.user.id, ME.id);
  events.say(': still here\n\n');
  events.event(created(11, null, { id: 'u2' }));
  await settle();
  assert.equal(it.seq, 11);
  const answer = await it.comment('hello', { client_id: 'k' });
  assert.equal(answer.state, 'posted');
  assert.deepEqual(bodies, [{ content: 'hello', client_id: 'k' }]);
  it.close();
});

test('a refusal by HTTP is the same as one on a socket', async () => {
  const { it } = await byHttp({ 'POST /comments': () => problem(429, 'slow_mode', { 'retry-after': '3' }) });
  await assert.rejects(it.comment('hello'), { code: 'slow_mode', retryAfterMs: 3000 });
  it.close();
});

test('a socket is tried again meanwhile, and takes over where the log is', async () => {
  const { it, last, events } = await byHttp();
  events.event(created(11, null, { id: 'u2' }));
  await settle();
  const second = await reconnected(3000);
  assert.equal(last().by, 'http', 'nothing is said of a try');
  second.end();
  const third = await reconnected(5000);
  assert.equal(third.url.searchParams.get('since'), '11');
  third.open({ type: 'resumed', epoch: 'e', from: 12, to: 11 });
  await settle();
  assert.deepEqual([last().state, last().by], ['open', 'socket']);
  pass(20_000);
  await settle();
  assert.equal(last().by, 'socket', 'it lasts');
  it.close();
});

test('a log of another epoch begins anew', async () => {
  const { it, events } = await byHttp();
  events.event(created(11, null, { id: 'u2' }), 'another');
  await settle();
  assert.equal(it.seq, null);
  assert.equal(sockets.length, 2);
  it.close();
});

test('what is asked goes out as an op, and its answer comes back', async () => {
  const { it } = await joined();
  const [removed, voted] = [it.remove('c1'), it.vote('p', 2)];
  it.react('like', 3);
  const [remove, vote, react] = sockets[0].sent;
  assert.deepEqual([remove, vote], [{ op: 'delete', ref: '1', comment_id: 'c1' }, { op: 'vote', ref: '2', poll_id: 'p', option: 2 }]);
  assert.deepEqual(react, { op: 'react', kind: 'like', count: 3 });
  sockets[0].say({ type: 'error', ref: '2', code: 'conflict', message: 'closed' }, { type: 'ack', ref: '1', op: 'delete' });
  await assert.rejects(voted, { code: 'conflict', message: 'closed' });
  await removed;
  const reply = it.comment('hello', { style: { mode: 'top' }, reply_to: 'c1', client_id: 'k' });
  assert.deepEqual(sockets[0].sent.at(-1), { op: 'comment', ref: '3', content: 'hello', client_id: 'k', style: { mode: 'top' }, reply_to: 'c1' });
  it.close();
  await assert.rejects(reply, { code: 'closed' });
  await assert.rejects(it.vote('p', 1), { code: 'offline' });
});

test('every event is told once and in order, also under its own type', async () => {
  const { it } = await joined();
  const told = [];
  it.on('event', ({ seq }) => told.push(seq));
  it.on('comment.created', ({ seq }) => told.push(-seq));
  sockets[0].say(created(11), created(11), created(9), created(12), { type: 'stream.ended', seq: 13, ts: '' });
  sockets[0].onmessage({ data: 'no frame' });
  assert.deepEqual(told, [11, -11, 12, -12, 13]);
  assert.equal(it.seq, 13);
  it.close();
});

test('a reconnect goes on where it was, in the same log', async () => {
  const { it } = await joined();
  sockets[0].say(created(11));
  sockets[0].end();
  const { url } = await reconnected();
  assert.equal(url.protocol, 'ws:');
  assert.deepEqual([url.pathname, url.searchParams.get('since'), url.searchParams.get('epoch')], ['/api/v1/streams/s/ws', '11', 'e']);
  assert.deepEqual([...sockets[0].url.searchParams], []);
  it.close();
});

test('a room that the server ends is left, one that it asks back to is not', async () => {
  for (const [code, bye, state] of [
    [1013, null, 'reconnecting'], [4409, null, 'closed'], [4404, null, 'closed'], [4409, { retry: true, retry_after_ms: 9000 }, 'reconnecting'], [1013, { retry: false }, 'closed'],
  ]) {
    const { it, last } = await joined();
    if (bye) sockets[0].say({ type: 'bye', ...bye });
    sockets[0].end(code);
    assert.equal(last().state, state, `${code} ${JSON.stringify(bye)}`);
    if (bye?.retry) assert.ok(last().retryInMs >= 9000);
    it.close();
    sockets = [];
  }
});

test('who logs in shows the room the token, who logs out begins anew as a guest', async () => {
  let now = 'first';
  const { it } = await joined({ token: async () => now });
  now = 'second';
  const renewed = it.renew();
  await settle();
  const [auth] = sockets[0].ops('auth');
  assert.equal(auth.token, 'second');
  sockets[0].say({ type: 'you', ref: auth.ref, ...YOU });
  await renewed;
  now = null;
  await it.renew();
  await settle();
  assert.deepEqual(sockets.map(({ protocols }) => protocols), [['livehouse.v1', 'bearer.first'], ['livehouse.v1']]);
  it.close();
});

test('a token that runs out is renewed on the open socket', async () => {
  const asked = [];
  const { it } = await joined({ token: async ({ force }) => (asked.push(Boolean(force)), force ? 'new' : 'old') });
  sockets[0].say({ type: 'token.expiring' });
  await settle();
  assert.deepEqual([asked, sockets[0].ops('auth').map(({ token }) => token), sockets.length], [[false, true], ['new'], 1]);
  it.close();
});

test('a session that the server ends is told, and a new token is asked for', async () => {
  const { it } = await joined();
  const logins = [];
  it.on('login', ({ reason }) => logins.push(reason));
  sockets[0].say({ type: 'bye', reason: 'revoked' });
  sockets[0].end(4401);
  assert.deepEqual(logins, ['revoked']);
  it.close();
});

test('a server that does not answer the call is given up', async () => {
  const { it, last } = room();
  it.connect();
  it.connect();
  await settle();
  assert.equal(sockets.length, 1, 'once');
  pass(10_000);
  await settle();
  assert.equal(last().state, 'reconnecting');
  it.close();
});

test('a retry is at once where there is no connection, and a probe where there is one', async () => {
  const { it } = await joined();
  it.retry();
  assert.equal(sockets[0].ops('ping').length, 1);
  sockets[0].end();
  it.retry();
  await settle();
  assert.equal(sockets.length, 2);
  it.close();
  assert.equal(sockets[1].readyState, 3);
});

test('a token that cannot be had now is asked for again later', async () => {
  const { it, last } = room({ token: async () => { throw new Error('offline'); } });
  it.connect();
  await settle();
  assert.deepEqual([last().state, sockets.length], ['reconnecting', 0]);
  it.close();
});
