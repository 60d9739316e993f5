// The client over sockets and a server that do what a test says.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock } from 'node:test';
import { serve, settle, stopClock } from './support.mjs';
import { LiveRoom } from '../../src/ui/site/livehouse.js';

export const ME = { id: 'u1', username: 'ana' };
export const YOU = { role: 'viewer', user: ME, can: ['comment'], ban: null, vote: null };
export const STREAM = { id: 's', host: { id: 'u9' } };
/** The sockets that the client made, and the way to let time pass. */
export const net = {};

class FakeSocket {
  constructor(url, protocols) {
    Object.assign(this, { url: new URL(url), protocols, readyState: 0, sent: [] });
    net.sockets.push(this);
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

export const snapshot = (seq, comments = []) => ({ type: 'snapshot', epoch: 'e', seq, stream: STREAM, comments });
export const comment = (seq, client_id, user = ME) => ({ id: `c${seq}`, seq, client_id, user, content: 'hello' });
export const created = (seq, client_id, user) => ({ type: 'comment.created', seq, ts: '', comment: comment(seq, client_id, user) });

/** A log by HTTP that the test writes into. */
export function log() {
  let writer;
  const body = new ReadableStream({ start: (it) => (writer = it) });
  const say = (text) => writer.enqueue(new TextEncoder().encode(text));
  const event = (frame, epoch = 'e') => say(`id: ${epoch}:${frame.seq}\nevent: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`);
  return { response: new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } }), event, say, end: () => writer.close() };
}

export function room(options = {}) {
  const statuses = [];
  const it = new LiveRoom({ stream: 's', server: 'http://house', token: async () => 'good', ...options });
  it.on('status', (status) => statuses.push(status));
  return { it, statuses, last: () => statuses.at(-1) };
}

beforeEach(() => {
  Object.assign(net, { sockets: [], pass: stopClock() });
  globalThis.WebSocket = FakeSocket;
  serve({});
  mock.method(Math, 'random', () => 0.5);
});

afterEach(() => mock.restoreAll());

export async function joined(options, frames = [snapshot(10)]) {
  const made = room(options);
  made.it.connect();
  await settle();
  net.sockets[0].open(...frames);
  return made;
}

export async function reconnected(wait = 60_000) {
  const before = net.sockets.length;
  await settle();
  net.pass(wait);
  await settle();
  assert.equal(net.sockets.length, before + 1, 'it reconnects');
  return net.sockets.at(-1);
}
