// The client where no WebSocket comes through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ME, STREAM, comment, created, log, net, reconnected, room } from './harness.mjs';
import { json, problem, serve, settle } from './support.mjs';

async function byHttp(more = {}) {
  const events = log();
  serve({
    'GET /streams/s/events': ({ search }) => (search.limit ? json({ items: [], head: 10, epoch: 'e' }) : events.response),
    'GET /streams/s': () => json(STREAM),
    'GET /streams/s/comments': () => json({ items: [comment(10), comment(9)] }),
    'GET /users/me': () => json(ME),
    ...more,
  });
  const made = room();
  const seen = [];
  for (const type of ['snapshot', 'event']) made.it.on(type, (frame) => seen.push(frame));
  made.it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  return { ...made, events, seen };
}

test('where no socket comes through the room is read and written by HTTP', async () => {
  const bodies = [];
  const post = ({ body }) => bodies.push(body) && json(comment(12, 'k'));
  const { it, last, events, seen } = await byHttp({ 'POST /streams/s/comments': post });
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
  const { it } = await byHttp({ 'POST /streams/s/comments': () => problem(429, 'slow_mode', { 'retry-after': '3' }) });
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
  net.pass(4999);
  await settle();
  assert.equal(net.sockets.length, 2, 'it waits longer each time');
  const third = await reconnected(1);
  assert.equal(third.url.searchParams.get('since'), '11');
  third.open({ type: 'resumed', epoch: 'e', from: 12, to: 11 });
  await settle();
  assert.deepEqual([last().state, last().by], ['open', 'socket']);
  net.pass(20_000);
  await settle();
  assert.equal(last().by, 'socket', 'it lasts');
  it.close();
});

test('a log of another epoch begins anew', async () => {
  const { it, events } = await byHttp();
  events.event(created(11, null, { id: 'u2' }), 'another');
  await settle();
  assert.equal(it.seq, null);
  assert.equal(net.sockets.length, 2);
  it.close();
});

test('a log that ends is read on where it was, without looking at the room again', async () => {
  const second = log();
  const { it, last, events } = await byHttp();
  events.event(created(11, null, { id: 'u2' }));
  await settle();
  const calls = serve({ 'GET /streams/s/events': () => second.response });
  events.end();
  await settle();
  assert.equal(last().state, 'reconnecting');
  (await reconnected()).end();
  await settle();
  assert.deepEqual([last().by, calls.map(({ search }) => search)], ['http', [{ after: '11' }]]);
  second.event(created(12, null, { id: 'u2' }));
  await settle();
  assert.equal(it.seq, 12);
  it.close();
});

test('a log that has gone silent is given up', async () => {
  const { it, last, events } = await byHttp();
  const alive = async (ms) => {
    events.say(': still here\n\n');
    await settle();
    net.pass(ms);
    for (const socket of net.sockets) if (socket.readyState === 0) socket.end();
  };
  for (let n = 0; n < 4; n++) await alive(20_000);
  assert.equal(last().state, 'open');
  await alive(35_000);
  assert.equal(last().state, 'reconnecting');
  it.close();
});

test('where the server is not reached a comment waits, and is sent again', async () => {
  const { it, last } = await byHttp();
  const posted = it.comment('hello', { client_id: 'k' });
  const vote = assert.rejects(it.vote('p', 1), { code: 'offline' });
  await settle();
  await vote;
  assert.equal(last().state, 'reconnecting');
  const socket = await reconnected();
  socket.open({ type: 'resumed', epoch: 'e', from: 11, to: 10 });
  assert.deepEqual(socket.ops('comment').map(({ client_id }) => client_id), ['k']);
  socket.say({ type: 'ack', ref: socket.sent[0].ref, op: 'comment', id: 'c11' });
  assert.equal((await posted).state, 'posted');
  it.close();
});

test('a room that is closed asks for nothing more', async () => {
  const { it, last, events } = await byHttp();
  it.close();
  events.event(created(11, null, { id: 'u2' }));
  const calls = serve({});
  net.pass(600_000);
  await settle();
  assert.deepEqual([last().state, it.seq, calls, net.sockets.length], ['closed', 10, [], 1]);
});

test('a snapshot within the log begins the room anew there', async () => {
  const { it, events, seen } = await byHttp();
  events.event({ type: 'snapshot', epoch: 'f', seq: 40, stream: STREAM, comments: [] }, 'f');
  await settle();
  assert.deepEqual([it.seq, it.epoch, seen.length], [40, 'f', 2]);
  it.close();
});

test('a log that says nothing at all is given up', async () => {
  const { it, last } = await byHttp();
  net.pass(36_000);
  assert.equal(last().state, 'reconnecting');
  it.close();
});

test('a vote is answered, and a retry begins with a socket again', async () => {
  const { it, last } = await byHttp({ 'PUT /streams/s/polls/p/vote': () => json({}) });
  assert.equal((await it.vote('p', 1)).type, 'ack');
  it.retry();
  await settle();
  assert.deepEqual([last().state, net.sockets.length], ['connecting', 2]);
  it.close();
});

test('a room that is closed while it is looked for stays closed', async () => {
  let answer;
  serve({ 'GET /streams/s/events': () => new Promise((done) => (answer = done)) });
  const { it, last } = room();
  it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  it.close();
  answer(json({ items: [], head: 10, epoch: 'e' }));
  await settle();
  assert.equal(last().state, 'closed');
});
