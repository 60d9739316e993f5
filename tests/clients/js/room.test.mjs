// The packed client in Node, in rooms of a real server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { LiveRoom, Refused } from 'livehouse';
import WebSocket from 'ws';
import { SERVER, account, listened, stream } from './house.mjs';

/** Where no WebSocket comes through. */
class NoSocket {
  readyState = 0;
  constructor() {
    queueMicrotask(() => this.onclose({ code: 1006, reason: '' }));
  }
  close() {}
}

const posted = (content) => (event) => event.type === 'comment.created' && event.comment.content === content;

test('a room is joined, what one says is seen by all in it, and is left', async () => {
  const host = await account();
  const { id } = await stream(host);
  const [mine, guest] = [{ token: async () => host.token }, {}].map((who) => listened({ stream: id, WebSocket, ...who }));
  assert.equal((await mine.told('you')).role, 'host');
  assert.equal((await guest.told('you')).role, 'guest');
  assert.equal((await guest.told('snapshot')).stream.title, 'First night');

  const answer = await mine.room.comment('hello', { style: { mode: 'top' } });
  assert.equal(answer.state, 'posted');
  for (const { told } of [mine, guest]) {
    const { seq, comment } = await told('event', posted('hello'));
    assert.deepEqual([seq, comment.id, comment.style.mode], [answer.seq, answer.id, 'top']);
  }
  await mine.room.remove(answer.id);
  assert.equal((await guest.told('event', ({ type }) => type === 'comment.deleted')).comment_id, answer.id);

  for (const { room, told } of [mine, guest]) {
    room.close();
    assert.equal((await told('status', ({ state }) => state === 'closed')).code, 1000);
  }
});

test('what is refused is told by its code', async () => {
  const host = await account();
  const { id } = await stream(host);
  const guest = listened({ stream: id, WebSocket });
  await guest.told('snapshot');
  await assert.rejects(guest.room.comment('hello'), (error) => error instanceof Refused && error.code === 'unauthenticated');
  guest.room.close();
});

test('a stream that is not there is no room, and a token that is none is a guest after a while', async () => {
  const host = await account();
  const { id } = await stream(host);
  const lost = listened({ stream: '0198c0de-0000-7000-8000-000000000000', WebSocket });
  assert.equal((await lost.told('status', ({ state }) => state === 'closed')).code, 4404);
  const asked = [];
  const token = async ({ force }) => asked.push(force) && 'nonsense';
  const stranger = listened({ stream: id, WebSocket, token });
  await stranger.told('login');
  assert.equal((await stranger.told('you')).role, 'guest');
  assert.ok(asked.includes(true), 'a fresh one was asked for');
  stranger.room.close();
});

test('where no WebSocket comes through the room is read and written by HTTP', async () => {
  const host = await account();
  const { id } = await stream(host);
  const mine = listened({ stream: id, WebSocket: NoSocket, token: async () => host.token });
  assert.equal((await mine.told('status', ({ state }) => state === 'open')).by, 'http');
  const answer = await mine.room.comment('by HTTP');
  assert.equal((await mine.told('event', posted('by HTTP'))).comment.id, answer.id);
  mine.room.close();
});

test('a WebSocket of the runtime is taken where none is given, and missed where there is none', async () => {
  const host = await account();
  const { id } = await stream(host);
  if (!globalThis.WebSocket) return assert.throws(() => new LiveRoom({ server: SERVER, stream: id }), /^TypeError: WebSocket/);
  const guest = listened({ stream: id });
  assert.equal((await guest.told('status', ({ state }) => state === 'open')).by, 'socket');
  guest.room.close();
});

test('a program that has left its rooms ends by itself', async () => {
  const host = await account();
  const { id } = await stream(host);
  const program = spawn(process.execPath, ['leaves.mjs', SERVER, id, host.token], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  program.stdout.on('data', (text) => (said += text));
  const late = setTimeout(() => program.kill(), 20_000);
  const [code] = await once(program, 'close');
  clearTimeout(late);
  assert.deepEqual([code, said], [0, 'posted\nclosed\n']);
});
