// The parts of the client, each by itself.
import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { json, problem, serve, settle, stopClock } from './support.mjs';
import { Asks } from '../../src/ui/site/livehouse/asks.js';
import { HttpRoom, Refused } from '../../src/ui/site/livehouse/http.js';
import { Credentials, Emitter, Silence, Timers, backoff, newId, parse } from '../../src/ui/site/livehouse/small.js';
import { onWake } from '../../src/ui/site/livehouse/wake.js';

afterEach(() => mock.restoreAll());

test('listeners hear their own type until they stop, also while others are told', () => {
  const [it, heard] = [new Emitter(), []];
  const stop = it.on('a', (n) => heard.push(n) && stop());
  it.on('a', (n) => heard.push(n * 10));
  it.emit('a', 1);
  it.emit('a', 2);
  it.emit('b', 3);
  assert.deepEqual(heard, [1, 10, 20]);
});

test('a timer that is set anew forgets the old one', () => {
  const pass = stopClock();
  const [timers, rung] = [new Timers(), []];
  timers.set('a', 100, () => rung.push('first'));
  timers.set('a', 200, () => rung.push('second'));
  timers.set('b', 50, () => rung.push('b'));
  pass(150);
  assert.deepEqual([rung, timers.has('a'), timers.has('b')], [['b'], true, false]);
  pass(100);
  timers.set('c', 10, () => rung.push('c'));
  timers.stopAll();
  pass(100);
  assert.deepEqual(rung, ['b', 'second']);
});

test('waits grow up to the most, and none is the same for all', () => {
  mock.method(Math, 'random', () => 1);
  assert.deepEqual([0, 1, 2, 3, 20].map((n) => backoff(n, [400, 2000])), [600, 1000, 1800, 2200, 2200]);
  mock.restoreAll();
  assert.ok(new Set(Array.from({ length: 20 }, () => backoff(5, [400, 20_000]))).size > 5);
});

test('an id is one of many, and text that is no frame is none', () => {
  const ids = new Set(Array.from({ length: 100 }, newId));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[0-9a-f]{24}$/);
  assert.deepEqual(parse('{"type":"pong"}'), { type: 'pong' });
  for (const text of ['', 'x', 'null', '1', '{}', '{"type":1}']) assert.equal(parse(text), null, text);
});

function silence() {
  const [pass, told] = [stopClock(), []];
  const it = new Silence(() => told.push('ask'), () => told.push('end'));
  return { pass, told, it };
}

test('a connection that is heard is left alone', () => {
  const { pass, told, it } = silence();
  for (let n = 0; n < 10; n++) {
    it.heard();
    pass(20_000);
  }
  assert.deepEqual(told, []);
});

test('one that is silent is asked, and ends where no answer comes', () => {
  const { pass, told, it } = silence();
  it.heard();
  pass(25_000);
  assert.deepEqual(told, ['ask']);
  it.heard();
  pass(24_000);
  assert.deepEqual(told, ['ask'], 'it answered');
  pass(1_000);
  pass(10_000);
  assert.deepEqual(told, ['ask', 'ask', 'end']);
});

test('a probe asks at once, and a stop asks nothing more', () => {
  const { pass, told, it } = silence();
  it.heard();
  it.probe();
  pass(9_000);
  it.stop();
  pass(100_000);
  assert.deepEqual(told, ['ask']);
});

test('where nothing can be asked a silent connection ends', () => {
  const [pass, told] = [stopClock(), []];
  const it = new Silence(() => false, () => told.push('end'));
  it.heard();
  pass(25_000);
  assert.deepEqual(told, ['end']);
});

test('a token is renewed after it was refused, and no more shown when that was in vain', async () => {
  const asked = [];
  const it = new Credentials(async ({ force }) => asked.push(force));
  await it.token();
  assert.equal(it.refused(), false);
  await it.token();
  await it.token();
  assert.equal(it.refused(), true);
  assert.equal(await it.token(), null);
  it.fresh();
  await it.token();
  assert.deepEqual(asked, [false, true, false, false]);
});

function asks() {
  const sent = [];
  const way = { open: true };
  const it = new Asks((frame) => way.open && sent.push(frame) > 0);
  return { it, sent, way };
}

test('an answer finds who asked, by its reference', async () => {
  const { it, sent } = asks();
  const [first, second] = [it.ask('vote', { option: 1 }), it.ask('delete', { comment_id: 'c' })];
  assert.deepEqual(sent, [{ op: 'vote', ref: '1', option: 1 }, { op: 'delete', ref: '2', comment_id: 'c' }]);
  assert.equal(it.answer({ type: 'error', ref: '2', code: 'forbidden', message: 'no', retry_after_ms: 5 }), true);
  assert.equal(it.answer({ type: 'ack', ref: '1' }), true);
  assert.deepEqual([it.answer({ type: 'ack', ref: '1' }), it.answer({ type: 'ack' })], [false, false]);
  const third = it.ask('comment', {});
  it.answer({ type: 'held', ref: '3', state: 'held' });
  assert.deepEqual([await first, await third], [{ type: 'ack', ref: '1', state: 'posted' }, { type: 'held', ref: '3', state: 'held' }]);
  await assert.rejects(second, { code: 'forbidden', message: 'no', retryAfterMs: 5 });
});

test('what cannot be sent is refused at once, but for what lasts', async () => {
  const { it, sent, way } = asks();
  way.open = false;
  await assert.rejects(it.ask('vote', {}), { code: 'offline' });
  const posted = it.ask('comment', { client_id: 'k' }, { lasting: true });
  way.open = true;
  it.again();
  assert.deepEqual(sent.map(({ op }) => op), ['comment']);
  it.heard({ client_id: 'k', id: 'c1', seq: 4 });
  assert.deepEqual(await posted, { type: 'ack', state: 'posted', id: 'c1', seq: 4, comment: { client_id: 'k', id: 'c1', seq: 4 } });
});

test('what was never sent is not taken for what the log has', () => {
  const { it, sent, way } = asks();
  way.open = false;
  it.ask('comment', { client_id: 'k' }, { lasting: true });
  it.heard({ client_id: 'k', id: 'c1', seq: 4 });
  way.open = true;
  it.again();
  assert.equal(sent.length, 1);
});

test('at the end of a connection only what lasts goes on waiting', async () => {
  const { it } = asks();
  const [vote, comment] = [it.ask('vote', {}), it.ask('comment', { client_id: 'k' }, { lasting: true })];
  it.fail(new Refused({ code: 'offline' }), { keepLasting: true });
  await assert.rejects(vote, { code: 'offline' });
  it.fail(new Refused({ code: 'closed' }));
  await assert.rejects(comment, { code: 'closed' });
});

const room = (token = async () => 'good') => new HttpRoom({ stream: 's/1', server: 'http://house.example', token });
const AT = '/streams/s%2F1';

/** A log that comes in these pieces. */
function logOf(...pieces) {
  const body = new ReadableStream({
    start(it) {
      for (const piece of pieces) it.enqueue(new TextEncoder().encode(piece));
      it.close();
    },
  });
  return new Response(body);
}

test('a log is read in whatever pieces it comes', async () => {
  serve({ [`GET ${AT}/events`]: () => logOf('id: e:x:7\r\nevent: a\r\nda', 'ta: {"seq":7,\r\n', 'data: "n":1}\r\n\r\n: still here\n\ndata: {"type":"lagged"}\n', '\nid: e:8\ndata: {"seq":8') });
  const [frames, it] = [[], room()];
  let life = 0;
  await it.read(await it.open(6), (frame, epoch) => frames.push([frame, epoch]), () => (life += 1));
  assert.deepEqual(frames, [[{ seq: 7, n: 1 }, 'e:x'], [{ type: 'lagged' }, null]]);
  assert.equal(life, 4);
});

test('a log is opened after what was seen, as the account or as a guest', async () => {
  const calls = serve({ [`GET ${AT}/events`]: () => logOf() });
  await room().open(6);
  await room(async () => null).open(null);
  assert.deepEqual(calls.map(({ search, headers }) => [search.after, headers.authorization]), [['6', 'Bearer good'], [undefined, undefined]]);
});

test('a refusal says how long to wait, by its body or by its head', async () => {
  serve({ [`GET ${AT}/events`]: () => problem(429, 'rate_limited', { 'retry-after': '7' }) });
  await assert.rejects(room().open(null), { code: 'rate_limited', status: 429, retryAfterMs: 7000 });
  serve({ [`GET ${AT}/events`]: () => json({ code: 'slow_mode', retry_after_ms: 5 }, 429) });
  await assert.rejects(room().open(null), { code: 'slow_mode', retryAfterMs: 5 });
  serve({ [`GET ${AT}/events`]: () => new Response('<html>', { status: 502 }) });
  await assert.rejects(room().open(null), { code: 'internal', status: 502, retryAfterMs: undefined });
  serve({});
  await assert.rejects(room().open(null), TypeError);
});

test('what a client frame asks is a call, and its answer is a frame', async () => {
  const calls = serve({
    [`POST ${AT}/comments`]: json({ id: 'c1', seq: 4 }),
    [`DELETE ${AT}/comments/c%2F1`]: () => new Response(null, { status: 204 }),
    [`PUT ${AT}/polls/p/vote`]: json({}),
    [`POST ${AT}/reactions`]: () => problem(403, 'forbidden'),
  });
  const it = room();
  assert.deepEqual(await it.act({ op: 'comment', ref: '1', content: 'hi' }), { type: 'ack', op: 'comment', ref: '1', id: 'c1', seq: 4, comment: { id: 'c1', seq: 4 } });
  assert.deepEqual(await it.act({ op: 'delete', ref: '2', comment_id: 'c/1' }), { type: 'ack', op: 'delete', ref: '2' });
  assert.deepEqual(await it.act({ op: 'vote', ref: '3', poll_id: 'p', option: 1 }), { type: 'ack', op: 'vote', ref: '3' });
  assert.equal((await it.act({ op: 'react', ref: '4', kind: 'like', count: 2 })).code, 'forbidden');
  assert.deepEqual(await it.act({ op: 'ping', ref: '5' }), { type: 'pong', ref: '5' });
  assert.deepEqual(calls.map(({ body }) => body), [{ content: 'hi' }, undefined, { option: 1 }, { kind: 'like', count: 2 }]);
});

test('a held comment is told as held, and a server that is not reached is no answer', async () => {
  serve({ [`POST ${AT}/comments`]: json({ state: 'held', comment_id: 'c1' }, 202) });
  assert.deepEqual(await room().act({ op: 'comment', ref: '1', content: 'hi' }), { type: 'held', ref: '1', state: 'held', comment_id: 'c1' });
  serve({});
  await assert.rejects(room().act({ op: 'comment', ref: '1', content: 'hi' }), TypeError);
});

test('a room is seen from outside as far as that goes', async () => {
  const look = (user) => {
    serve({
      [`GET ${AT}/events`]: json({ items: [], head: 9, epoch: 'e' }), [`GET ${AT}`]: json({ host: { id: 'u1' } }),
      [`GET ${AT}/comments`]: json({ items: [{ seq: 9 }, { seq: 8 }] }), 'GET /users/me': json(user),
    });
    return room(async () => (user ? 'good' : null)).look();
  };
  const { you, snapshot } = await look({ id: 'u1' });
  assert.deepEqual([you.role, you.can.includes('manage')], ['host', true]);
  assert.deepEqual([snapshot.settings, snapshot.poll, snapshot.questions], [null, null, []]);
  assert.deepEqual([snapshot.seq, snapshot.epoch, snapshot.comments.map(({ seq }) => seq)], [9, 'e', [8, 9]]);
  assert.deepEqual((await look({ id: 'u2' })).you.can, ['comment', 'react', 'vote', 'ask']);
  assert.deepEqual((await look(null)).you, { role: 'guest', user: null, can: [], ban: null, vote: null });
});

test('an answer that takes too long is none, and a room that is closed waits for nothing', async () => {
  const hang = (_, { signal }) => new Promise((_done, failed) => signal.addEventListener('abort', () => failed(new Error('aborted'))));
  serve({ [`GET ${AT}/events`]: hang });
  const pass = stopClock();
  const late = assert.rejects(room().open(null), { message: 'aborted' });
  await settle();
  pass(10_000);
  await late;
  const it = room();
  const closed = assert.rejects(it.open(null), { message: 'aborted' });
  await settle();
  it.close();
  await closed;
});

test('a browser that wakes up is noticed, one that is hidden is not', () => {
  assert.deepEqual(onWake(() => assert.fail(), () => assert.fail())(), undefined, 'nothing happens outside a browser');
  const [it, page, told] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: 'visible' }), []];
  const before = document;
  Object.assign(globalThis, { window: it, document: page });
  try {
    const stop = onWake(() => told.push('awake'), () => told.push('offline'));
    for (const type of ['online', 'pageshow', 'offline']) it.dispatchEvent(new Event(type));
    page.dispatchEvent(new Event('visibilitychange'));
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(told, ['awake', 'awake', 'offline', 'awake']);
    stop();
    it.dispatchEvent(new Event('offline'));
    assert.equal(told.length, 4);
  } finally {
    globalThis.document = before;
    delete globalThis.window;
  }
});

test('only a comment that was sent before and is known no more was deleted', async () => {
  const { it, sent } = asks();
  const gone = (op, again) => {
    const asked = it.ask(op, {}, { lasting: true });
    if (again) it.again();
    it.answer({ type: 'error', ref: sent.at(-1).ref, code: 'not_found' });
    return asked;
  };
  assert.deepEqual(await gone('comment', true), { state: 'deleted' });
  await assert.rejects(gone('comment', false), { code: 'not_found' });
  await assert.rejects(gone('delete', true), { code: 'not_found' });
});

test('a call says that its body is JSON, where it has one', async () => {
  const calls = serve({ [`POST ${AT}/reactions`]: json({}), [`DELETE ${AT}/comments/c`]: json({}) });
  await room().act({ op: 'react', ref: '1', kind: 'like' });
  await room().act({ op: 'delete', ref: '2', comment_id: 'c' });
  assert.deepEqual(calls.map(({ headers }) => headers['content-type']), ['application/json', undefined]);
});
