// The life of the client's connection: begun, lost, taken up again, ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ME, STREAM, YOU, created, joined, log, net, reconnected, room, snapshot } from './harness.mjs';
import { json, problem, serve, settle } from './support.mjs';

test('who is let in and thrown out again waits longer each time, until a connection lasts', async () => {
  const { it, statuses } = await joined();
  for (let n = 0; n < 6; n++) {
    net.sockets.at(-1).end(1013);
    (await reconnected()).open(snapshot(10));
  }
  const waits = statuses.filter((s) => s.retryInMs).map((s) => s.retryInMs);
  assert.ok(waits.every((ms, n) => n === 0 || ms > waits[n - 1]), String(waits));
  net.pass(30_000);
  net.sockets.at(-1).end(1013);
  assert.equal(statuses.at(-1).retryInMs, waits[0]);
  it.close();
});

test('a stream that is gone is not asked for again', async () => {
  serve({ 'GET /streams/s/events': () => problem(404, 'not_found') });
  const { it, last } = room();
  it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  assert.deepEqual([last().state, last().code], ['closed', 4404]);
  net.pass(600_000);
  await settle();
  assert.equal(net.sockets.length, 1);
});

test('a token that is refused is renewed once, and then not shown', async () => {
  serve({ 'GET /streams/s/events': ({ headers }) => (headers.authorization ? problem(401, 'unauthenticated') : problem(503, 'overloaded')) });
  const asked = [];
  const { it } = room({ token: async ({ force }) => asked.push(Boolean(force)) && 'bad' });
  const logins = [];
  it.on('login', (login) => logins.push(login));
  it.connect();
  await settle();
  for (let n = 0; n < 3; n++) {
    net.sockets.at(-1).end();
    await reconnected();
  }
  assert.deepEqual(net.sockets.map((s) => s.protocols.length), [2, 2, 1, 1]);
  assert.equal(asked.filter(Boolean).length, 1, 'renewed once');
  assert.equal(logins.length, 1);
  await it.renew();
  await settle();
  assert.equal(net.sockets.at(-1).protocols.length, 2, 'a new login is shown');
  it.close();
});

test('a refusal is told with the reason of the server, and its wait is kept', async () => {
  serve({ 'GET /streams/s/events': () => problem(429, 'rate_limited', { 'retry-after': '7' }) });
  const { it, last } = room();
  it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  assert.equal(last().state, 'reconnecting');
  assert.equal(last().reason, 'rate_limited');
  assert.ok(last().retryInMs >= 7000, String(last().retryInMs));
  it.close();
});

test('a reconnect goes on where it was, in the same log', async () => {
  const { it } = await joined();
  net.sockets[0].say(created(11));
  net.sockets[0].end();
  const { url } = await reconnected();
  assert.equal(url.protocol, 'ws:');
  assert.deepEqual([url.pathname, url.searchParams.get('since'), url.searchParams.get('epoch')], ['/api/v1/streams/s/ws', '11', 'e']);
  assert.deepEqual([...net.sockets[0].url.searchParams], []);
  it.close();
});

test('a room that the server ends is left, one that it asks back to is not', async () => {
  for (const [code, bye, state] of [
    [1013, null, 'reconnecting'], [4409, null, 'closed'], [4404, null, 'closed'], [4409, { retry: true, retry_after_ms: 9000 }, 'reconnecting'], [1013, { retry: false }, 'closed'],
  ]) {
    const { it, last } = await joined();
    if (bye) net.sockets[0].say({ type: 'bye', ...bye });
    net.sockets[0].end(code);
    assert.equal(last().state, state, `${code} ${JSON.stringify(bye)}`);
    if (bye?.retry) assert.ok(last().retryInMs >= 9000);
    it.close();
    net.sockets = [];
  }
});

test('who logs in shows the room the token, who logs out begins anew as a guest', async () => {
  let now = 'first';
  const { it } = await joined({ token: async () => now });
  now = 'second';
  const renewed = it.renew();
  await settle();
  const [auth] = net.sockets[0].ops('auth');
  assert.equal(auth.token, 'second');
  net.sockets[0].say({ type: 'you', ref: auth.ref, ...YOU });
  await renewed;
  now = null;
  await it.renew();
  await settle();
  assert.deepEqual(net.sockets.map(({ protocols }) => protocols), [['livehouse.v1', 'bearer.first'], ['livehouse.v1']]);
  it.close();
});

test('a token that runs out is renewed on the open socket', async () => {
  const asked = [];
  const { it } = await joined({ token: async ({ force }) => (asked.push(Boolean(force)), force ? 'new' : 'old') });
  net.sockets[0].say({ type: 'token.expiring' });
  await settle();
  assert.deepEqual([asked, net.sockets[0].ops('auth').map(({ token }) => token), net.sockets.length], [[false, true], ['new'], 1]);
  it.close();
});

test('a session that the server ends is told, and a new token is asked for', async () => {
  const asked = [];
  const { it } = await joined({ token: async ({ force }) => asked.push(Boolean(force)) && 'good' });
  const logins = [];
  it.on('login', ({ reason }) => logins.push(reason));
  net.sockets[0].say({ type: 'bye', reason: 'revoked' });
  net.sockets[0].end(4401);
  await reconnected();
  assert.deepEqual([logins, asked], [['revoked'], [false, true]]);
  it.close();
});

test('a server that does not answer the call is given up', async () => {
  const { it, last } = room();
  it.connect();
  it.connect();
  await settle();
  assert.equal(net.sockets.length, 1, 'once');
  net.pass(10_000);
  await settle();
  assert.deepEqual([last().state, net.sockets[0].readyState], ['reconnecting', 3]);
  it.close();
});

test('a retry is at once where there is no connection, and a probe where there is one', async () => {
  const { it } = await joined();
  it.retry();
  assert.equal(net.sockets[0].ops('ping').length, 1);
  net.sockets[0].end();
  it.retry();
  await settle();
  assert.equal(net.sockets.length, 2);
  it.close();
  assert.equal(net.sockets[1].readyState, 3);
});

test('a token that cannot be had now is asked for again later', async () => {
  const { it, last } = room({ token: async () => { throw new Error('offline'); } });
  it.connect();
  await settle();
  assert.deepEqual([last().state, net.sockets.length], ['reconnecting', 0]);
  it.close();
});

/** What the page is told of a room that no further try can open. */
async function hopeless(options, prepare = () => {}) {
  const { it, last } = room(options);
  const errors = [];
  it.on('error', (error) => errors.push(error));
  it.connect();
  await settle();
  prepare();
  await settle();
  const opened = net.sockets.length;
  net.pass(600_000);
  await settle();
  assert.equal(net.sockets.length, opened, 'nothing is tried again');
  return { it, errors, last: last() };
}

test('a token that cannot be sent ends it, and is told once', async () => {
  for (const token of ['two words', 'line\nend', 'größe', 'a,b', {}]) {
    const { it, errors, last } = await hopeless({ token: async () => token });
    assert.deepEqual([last.state, last.code, last.reason], ['closed', 4401, 'unauthenticated'], String(token));
    assert.deepEqual(errors.map(({ type, code }) => [type, code]), [['error', 'unauthenticated']]);
    assert.equal(net.sockets.length, 0);
    it.close();
  }
});

test('an address that is none ends it, and is told once', async () => {
  const WebSocket = class { constructor() { throw new DOMException('no such address', 'SyntaxError'); } };
  const { it, errors, last } = await hopeless({ WebSocket });
  assert.deepEqual([last.state, last.code, errors.map(({ message }) => message)], ['closed', 4400, ['no such address']]);
  it.close();
});

test('a refusal for good ends it, and is told once', async () => {
  for (const [status, code] of [[403, 'forbidden'], [400, 'bad_request'], [431, 'internal']]) {
    serve({ 'GET /streams/s/events': () => problem(status, code) });
    const { it, errors, last } = await hopeless({}, () => net.sockets.at(-1).end());
    assert.deepEqual([last.state, last.code, last.reason], ['closed', 4400, code]);
    assert.deepEqual(errors.map(({ code: told }) => told), [code]);
    it.close();
  }
});

test('what has ended for good begins anew where the page wants it', async () => {
  let token = 'two words';
  const { it } = await hopeless({ token: async () => token });
  token = 'good';
  it.retry();
  await settle();
  net.sockets[0].open(snapshot(10));
  assert.equal(it.state, 'open');
  it.close();
});

test('a token that goes bad while HTTP serves breaks nothing', async () => {
  const events = log();
  serve({ 'GET /streams/s/events': ({ search }) => (search.limit ? json({ items: [], head: 10, epoch: 'e' }) : events.response),
    'GET /streams/s': () => json(STREAM), 'GET /streams/s/comments': () => json({ items: [] }), 'GET /users/me': () => json(ME) });
  let token = 'good';
  const { it, last } = room({ token: async () => token });
  it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  token = 'two words';
  net.pass(3000);
  await settle();
  assert.deepEqual([last().state, last().by, net.sockets.length], ['open', 'http', 1]);
  it.close();
});

test('a connection that has gone silent is asked, and dropped where no answer comes', async () => {
  const { it, last } = await joined(undefined, []);
  net.sockets[0].say({ type: 'welcome', heartbeat_ms: 5000, you: YOU }, snapshot(10));
  net.pass(25_000);
  assert.equal(net.sockets[0].ops('ping').length, 1);
  net.sockets[0].say({ type: 'pong' });
  net.pass(5000);
  assert.equal(net.sockets[0].ops('ping').length, 2);
  const vote = assert.rejects(it.vote('p', 1), { code: 'offline' });
  net.pass(9999);
  assert.equal(last().state, 'open');
  net.pass(1);
  assert.deepEqual([last().state, net.sockets[0].readyState], ['reconnecting', 3]);
  await vote;
  it.close();
});

test('a socket that was given up is heard no more', async () => {
  const { it, statuses } = await joined();
  const [first] = net.sockets;
  first.end();
  const second = await reconnected();
  second.open(snapshot(10));
  const told = statuses.length;
  first.say(created(11), { type: 'bye', retry: false });
  first.end(4404);
  assert.deepEqual([it.seq, statuses.length, it.state], [10, told, 'open']);
  it.close();
});

test('a room that is closed stays closed, until it is opened again', async () => {
  const { it, last } = await joined();
  const comment = assert.rejects(it.comment('hello'), { code: 'closed' });
  it.close();
  await comment;
  assert.deepEqual([last(), net.sockets[0].readyState], [{ state: 'closed', code: 1000 }, 3]);
  net.sockets[0].end(1006);
  net.pass(600_000);
  await settle();
  assert.deepEqual([net.sockets.length, last().state], [1, 'closed']);
  it.connect();
  await settle();
  assert.equal(net.sockets.length, 2);
  it.close();
});

test('a try that was overtaken opens nothing', async () => {
  const answers = [];
  const { it } = room({ token: () => new Promise((answer) => answers.push(answer)) });
  it.connect();
  it.retry();
  await settle();
  answers[0]('late');
  answers[1]('good');
  await settle();
  assert.deepEqual(net.sockets.map(({ protocols }) => protocols[1]), ['bearer.good']);
  it.close();
});

test('how it stands is told with the number of the try, its wait and the reason', async () => {
  serve({ 'GET /streams/s/events': () => problem(503, 'overloaded') });
  const { it, statuses } = room();
  it.connect();
  await settle();
  net.sockets[0].end();
  (await reconnected()).open(snapshot(10));
  assert.deepEqual(statuses, [
    { state: 'connecting', attempt: 0, reason: undefined }, { state: 'reconnecting', attempt: 1, retryInMs: 600, reason: 'overloaded' },
    { state: 'reconnecting', attempt: 1, reason: 'overloaded' }, { state: 'open', by: 'socket' },
  ]);
  it.close();
});

test('a renewal on the open socket that fails leaves it open', async () => {
  const { it } = await joined({ token: async ({ force }) => { if (force) throw new Error('offline'); return 'good'; } });
  net.sockets[0].say({ type: 'token.expiring' });
  await settle();
  assert.deepEqual([it.state, net.sockets[0].sent], ['open', []]);
  it.close();
});

test('a browser that wakes up asks at once whether the connection lives', async () => {
  const before = document;
  globalThis.window = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  try {
    const { it } = await joined();
    for (const type of ['online', 'offline']) globalThis.window.dispatchEvent(new Event(type));
    assert.equal(net.sockets[0].ops('ping').length, 2);
    net.sockets[0].end();
    await settle();
    globalThis.window.dispatchEvent(new Event('online'));
    await settle();
    assert.equal(net.sockets.length, 2, 'it waits no longer');
    globalThis.window.dispatchEvent(new Event('online'));
    await settle();
    assert.equal(net.sockets.length, 2, 'a try under way is left alone');
    it.close();
    globalThis.window.dispatchEvent(new Event('online'));
    await settle();
    assert.equal(net.sockets.length, 2);
  } finally {
    globalThis.document = before;
    delete globalThis.window;
  }
});

test('what one connection said at its end says nothing of the next one', async () => {
  const { it, last } = await joined();
  net.sockets[0].say({ type: 'bye', retry: true, reason: 'drain' });
  net.sockets[0].end(1001);
  const second = await reconnected();
  second.open(snapshot(10));
  second.end(4404);
  assert.deepEqual([last().state, last().code, last().reason], ['closed', 4404, '']);
  it.close();
});
