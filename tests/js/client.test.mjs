// What the client is asked, and what it tells.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { YOU, comment, created, joined, net, reconnected, room, snapshot } from './harness.mjs';
import { settle } from './support.mjs';

test('an unanswered comment that the log holds is not sent again', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  net.sockets[0].end();
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
  net.sockets[0].end();
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
  net.sockets[0].end();
  const second = await reconnected();
  second.open({ type: 'resumed', epoch: 'e', from: 11, to: 12 }, { type: 'lagged', from: 11, to: 12, missed: 2 });
  assert.equal(second.ops('comment').length, 1);
  it.close();
});

test('a comment that was deleted meanwhile stays deleted, a refusal stays a refusal', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  net.sockets[0].end();
  const second = await reconnected();
  second.open(snapshot(12));
  second.say({ type: 'error', ref: second.ops('comment')[0].ref, code: 'not_found', message: 'gone' });
  assert.deepEqual(await posted, { state: 'deleted' });
  const refused = it.comment('first time');
  second.say({ type: 'error', ref: second.ops('comment')[1].ref, code: 'not_found', message: 'no' });
  await assert.rejects(refused, { code: 'not_found' });
  it.close();
});

test('what is asked goes out as an op, and its answer comes back', async () => {
  const { it } = await joined();
  const [removed, voted] = [it.remove('c1'), it.vote('p', 2)];
  it.react('like', 3);
  const [remove, vote, react] = net.sockets[0].sent;
  assert.deepEqual([remove, vote], [{ op: 'delete', ref: '1', comment_id: 'c1' }, { op: 'vote', ref: '2', poll_id: 'p', option: 2 }]);
  assert.deepEqual(react, { op: 'react', kind: 'like', count: 3 });
  net.sockets[0].say({ type: 'error', ref: '2', code: 'conflict', message: 'closed' }, { type: 'ack', ref: '1', op: 'delete' });
  await assert.rejects(voted, { code: 'conflict', message: 'closed' });
  await removed;
  const reply = it.comment('hello', { style: { mode: 'top' }, reply_to: 'c1', client_id: 'k' });
  assert.deepEqual(net.sockets[0].sent.at(-1), { op: 'comment', ref: '3', content: 'hello', client_id: 'k', style: { mode: 'top' }, reply_to: 'c1' });
  it.close();
  await assert.rejects(reply, { code: 'closed' });
  await assert.rejects(it.vote('p', 1), { code: 'offline' });
});

test('every event is told once and in order, also under its own type', async () => {
  const { it } = await joined();
  const told = [];
  it.on('event', ({ seq }) => told.push(seq));
  it.on('comment.created', ({ seq }) => told.push(-seq));
  net.sockets[0].say(created(11), created(11), created(9), created(12), { type: 'stream.ended', seq: 13, ts: '' });
  net.sockets[0].onmessage({ data: 'no frame' });
  assert.deepEqual(told, [11, -11, 12, -12, 13]);
  assert.equal(it.seq, 13);
  it.close();
});

test('what concerns nobody\'s question is told to all', async () => {
  const { it } = await joined();
  const told = [];
  for (const type of ['welcome', 'you', 'pulse', 'queue', 'held', 'error', 'lagged', 'bye', 'resumed', 'from the future']) it.on(type, () => told.push(type));
  net.sockets[0].say({ type: 'pulse', viewers: 3 }, { type: 'queue', held: 1 }, { type: 'held', state: 'rejected', comment_id: 'c1' }, { type: 'error', code: 'overloaded' });
  net.sockets[0].say({ type: 'lagged', from: 11, to: 12, missed: 2 }, { type: 'you', ...YOU, can: [] }, { type: 'from the future' }, { type: 'bye', reason: 'drain' });
  assert.deepEqual(told, ['pulse', 'queue', 'held', 'error', 'lagged', 'you', 'bye']);
  assert.deepEqual(it.you.can, []);
  net.sockets[0].end();
  (await reconnected()).open({ type: 'resumed', epoch: 'e', from: 11, to: 10 });
  assert.deepEqual(told.slice(-3), ['welcome', 'you', 'resumed']);
  it.close();
});

test('the server\'s limits are known, and an answer is no news', async () => {
  const { it } = await joined(undefined, []);
  net.sockets[0].say({ type: 'welcome', you: YOU, limits: { content_graphemes: 9 } }, snapshot(10));
  assert.deepEqual([it.limits, it.you.user.id, it.seq, it.epoch, it.state], [{ content_graphemes: 9 }, 'u1', 10, 'e', 'open']);
  it.on('error', () => assert.fail('somebody waits for it'));
  const posted = it.comment('hello');
  const { ref } = net.sockets[0].sent[0];
  net.sockets[0].say({ type: 'held', ref, state: 'held', comment_id: 'c1' });
  assert.equal((await posted).state, 'held');
  const refused = it.vote('p', 1);
  net.sockets[0].say({ type: 'error', ref: net.sockets[0].sent[1].ref, code: 'conflict' });
  await assert.rejects(refused, { code: 'conflict' });
  it.close();
});

test('a comment of one\'s own is known by its id in a snapshot, that of another is not', async () => {
  const { it } = await joined();
  const posted = it.comment('hello', { client_id: 'k' });
  net.sockets[0].end();
  const second = await reconnected();
  second.open(snapshot(12, [comment(11, 'k', { id: 'u2' })]));
  assert.equal(second.ops('comment').length, 1);
  second.end();
  (await reconnected()).open(snapshot(13, [comment(13, 'k')]));
  assert.equal((await posted).seq, 13);
  it.close();
});

test('before the room is open nothing is sent but what waits for it', async () => {
  const { it } = room();
  it.connect();
  await settle();
  it.react('like');
  await assert.rejects(it.remove('c1'), { code: 'offline' });
  it.comment('hello', { client_id: 'k' }).catch(() => {});
  net.sockets[0].open(snapshot(10));
  assert.deepEqual(net.sockets[0].sent.map(({ op }) => op), ['comment']);
  it.close();
});
