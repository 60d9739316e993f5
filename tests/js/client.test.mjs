// The client module against a socket and a server that do what the test says: `node --test tests/js`.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { LiveRoom } from '../../src/ui/site/livehouse.js';

const ME = { id: 'u1', username: 'ana' };
const YOU = { role: 'viewer', user: ME, can: ['comment'], ban: null, vote: null };
const STREAM = { id: 's', host: { id: 'u9' } };
let sockets;
let calls;
let routes; // 'GET /events' -> a Response, or a function that makes one

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
const problem = (status, code, headers = {}) => new Response(JSON.stringify({ code, detail: code }), { status, headers });
const json = (body) => new Response(JSON.stringify(body), { status: 200 });

/** A log by HTTP that the test writes into. */
function log() {
  let writer;
  const body = new ReadableStream({ start: (it) => (writer = it) });
  const say = (text) => writer.enqueue(new TextEncoder().encode(text));
  const event = (frame, epoch = 'e') => say(`id: ${epoch}:${frame.seq}\nevent: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`);
  return { response: new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } }), event, say, end: () => writer.close() };
}

/** Lets everything happen that needs no time. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
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
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(Math, 'random', () => 0.5);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

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
  mock.timers.tick(wait);
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
  mock.timers.tick(30_000);
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
  mock.timers.tick(600_000);
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
  const second = await reconnected();
  assert.equal(last().by, 'http', 'nothing is said of a try');
  second.end();
  const third = await reconnected(300_000);
  assert.equal(third.url.searchParams.get('since'), '11');
  third.open({ type: 'resumed', epoch: 'e', from: 12, to: 11 });
  await settle();
  assert.deepEqual([last().state, last().by], ['open', 'socket']);
  mock.timers.tick(20_000);
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
