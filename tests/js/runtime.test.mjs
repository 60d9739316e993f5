// What the client needs of the runtime that it is in, and what is given to it instead.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { STREAM, net, reconnected, room } from './harness.mjs';
import { json, settle } from './support.mjs';
import { newId } from '../../src/ui/site/livehouse.js';

test('a WebSocket and a fetch that are given are used, and those of the runtime are not', async () => {
  const own = globalThis.WebSocket;
  delete globalThis.WebSocket;
  globalThis.fetch = () => assert.fail('it has one of its own');
  const asked = [];
  async function given(url) {
    asked.push(new URL(url).pathname);
    assert.equal(this, undefined, 'as a browser wants its own to be called');
    if (url.endsWith('/comments?limit=50')) return json({ items: [] });
    if (url.includes('/events?')) return json({ items: [], head: 3, epoch: 'e' });
    return json(STREAM);
  }
  const { it, last } = room({ WebSocket: own, fetch: given, token: async () => null });
  it.connect();
  await settle();
  net.sockets[0].end();
  await settle();
  assert.ok(asked.includes('/api/v1/streams/s/events'), `${asked}`);
  assert.equal(it.epoch, 'e');
  const second = await reconnected();
  second.open({ type: 'resumed', epoch: 'e', from: 4, to: 3 });
  assert.deepEqual([last().state, last().by], ['open', 'socket']);
  it.close();
});

test('the WebSocket of the runtime is looked for at each connection, since it may be another one by then', async () => {
  const { it } = room();
  const dialled = [];
  globalThis.WebSocket = class extends globalThis.WebSocket {
    constructor(...all) {
      super(...all);
      dialled.push(this);
    }
  };
  it.connect();
  await settle();
  assert.equal(dialled.length, 1);
  it.close();
});

test('where the runtime lacks something and nothing is given, it is said at once', () => {
  const { location } = globalThis;
  globalThis.location = undefined;
  assert.throws(() => room({ server: undefined }), { name: 'TypeError', message: /^server/ });
  globalThis.location = location;
  delete globalThis.WebSocket;
  assert.throws(() => room(), { name: 'TypeError', message: /^WebSocket/ });
});

test('an error of a socket is no error of the program: its close follows', async () => {
  const { it, last } = room();
  it.connect();
  await settle();
  net.sockets[0].onerror({ type: 'error' });
  assert.equal(last().state, 'connecting');
  it.close();
});

test('ids differ, also where the runtime has no crypto', () => {
  const { crypto } = globalThis;
  mock.restoreAll(); // here chance is meant
  try {
    for (const present of [crypto, undefined]) {
      globalThis.crypto = present;
      const ids = Array.from({ length: 100 }, newId);
      assert.ok(ids.every((id) => /^[0-9a-f]{24}$/.test(id)), ids[0]);
      assert.equal(new Set(ids).size, 100);
    }
  } finally {
    globalThis.crypto = crypto;
  }
});
