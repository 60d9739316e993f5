// What a browser sends: begun, broken, begun again by itself, and given up where another has its place.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { settle, stopClock } from './support.mjs';
import { authorizeWith } from '../../src/ui/site/core/api.js';
import { Sender } from '../../src/ui/site/studio/broadcast/whip.js';

const peers = [];
let pass;
let calls;
let isServed; // whether the server is there
let refusal; // what the server says to the next offers, null where it takes them

class FakePeer extends EventTarget {
  connectionState = 'new';
  transceivers = [];
  constructor(options) {
    super();
    Object.assign(this, { options });
    peers.push(this);
  }
  addTransceiver(track, options) {
    const kind = typeof track === 'string' ? track : track.kind;
    const sends = { track, transport: new EventTarget(), replaceTrack: async (next) => (sends.track = next) };
    const it = { receiver: { track: { kind } }, sender: sends, options, setCodecPreferences: (codecs) => (it.codecs = codecs.map(({ mimeType }) => mimeType)) };
    this.transceivers.push(it);
    return it;
  }
  getTransceivers() {
    return this.transceivers;
  }
  createOffer = async () => ({ sdp: 'v=0 offer' });
  setLocalDescription = async () => {};
  setRemoteDescription = async ({ sdp }) => (this.answer = sdp);
  close() {
    this.connectionState = 'closed';
    this.isClosed = true;
  }
  becomes(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

beforeEach(() => {
  [peers.length, calls, isServed, refusal, pass] = [0, [], true, null, stopClock()];
  mock.method(Math, 'random', () => 0.5);
  globalThis.RTCPeerConnection = FakePeer;
  globalThis.RTCRtpSender = { getCapabilities: () => ({ codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/H264' }] }) };
  globalThis.fetch = async (url, { method }) => {
    calls.push(`${method} ${url}`);
    if (method === 'DELETE') return new Response(null, { status: 200 });
    if (refusal) return new Response(JSON.stringify({ code: refusal[1] }), { status: refusal[0] });
    return new Response('v=0 answer', { status: 201, headers: { location: `/api/v1/media/m${peers.length}` } });
  };
  authorizeWith({ token: async () => null });
});

afterEach(() => mock.restoreAll());

function sender() {
  const [camera, sound] = [{ kind: 'video' }, { kind: 'audio' }];
  const it = new Sender({ path: '/api/v1/streams/s/whip', tracks: () => ({ picture: camera, sound }), iceServers: async () => [{ urls: 'turn:x' }], isServed: () => isServed });
  const [states, refused] = [[], []];
  it.on('change', () => states.push(it.state));
  it.on('refused', ({ code }) => refused.push(code));
  return { it, camera, states, refused };
}

async function on() {
  const made = sender();
  await made.it.start();
  peers[0].becomes('connected');
  return made;
}

test('picture and sound are offered, H.264 first, within a limit, and answered', async () => {
  const { it, states } = await on();
  const [video, audio] = peers[0].transceivers;
  assert.deepEqual([video.codecs, video.options.direction, video.options.sendEncodings, audio.receiver.track.kind], [['video/H264', 'video/VP8'], 'sendonly', [{ maxBitrate: 2_500_000 }], 'audio']);
  assert.deepEqual([peers[0].answer, peers[0].options.iceServers, states], ['v=0 answer', [{ urls: 'turn:x' }], ['connecting', 'on']]);
  const screen = { kind: 'video' };
  await it.replace(screen);
  assert.equal(video.sender.track, screen);
  it.stop();
  await settle();
  assert.deepEqual([calls, it.state], [['POST /api/v1/streams/s/whip', 'DELETE /api/v1/media/m1'], 'off']);
});

test('a refused offer is told and leaves nothing behind', async () => {
  const { it, states } = sender();
  refusal = [409, 'conflict'];
  await assert.rejects(it.start(), { code: 'conflict' });
  assert.deepEqual([states, peers[0].connectionState], [['connecting', 'off'], 'closed']);
  refusal = null;
  await it.start({ takeover: true });
  assert.equal(calls.at(-1), 'POST /api/v1/streams/s/whip?takeover=true');
});

test('a refusal that comes after the stop is nothing to whoever stopped', async () => {
  const { it, states } = sender();
  refusal = [409, 'conflict'];
  const starting = it.start();
  for (let turn = 0; turn < 50 && !calls.length; turn++) await Promise.resolve();
  it.stop();
  await starting;
  assert.deepEqual([calls, states, peers[0].isClosed], [['POST /api/v1/streams/s/whip'], ['connecting', 'off'], true]);
});

test('what breaks is begun again by itself, once the old session is given back', async () => {
  const { it, states } = await on();
  peers[0].becomes('disconnected');
  pass(4_999);
  peers[0].becomes('connected');
  pass(60_000);
  assert.equal(peers.length, 1, 'it came back by itself');
  peers[0].becomes('failed');
  refusal = [503, 'overloaded'];
  pass(2_000);
  await settle();
  refusal = null;
  pass(4_000);
  await settle();
  peers.at(-1).becomes('connected');
  assert.deepEqual([peers.length, states.at(-1), it.state], [3, 'on', 'on']);
  assert.ok(calls.includes('DELETE /api/v1/media/m1') && !calls.some((call) => call.includes('takeover')));
});

test('who has taken its place keeps it', async () => {
  const { it, refused } = await on();
  refusal = [409, 'conflict'];
  peers[0].becomes('failed');
  pass(2_000);
  await settle();
  assert.deepEqual([refused, it.state], [['conflict'], 'off']);
  pass(60_000);
  await settle();
  assert.equal(peers.length, 2, 'it is not tried again');
});

async function closedByTheServer() {
  const made = await on();
  const { transport } = peers[0].transceivers[0].sender;
  transport.state = 'closed';
  transport.dispatchEvent(new Event('statechange'));
  pass(2_000);
  await settle();
  return made;
}

test('whom the server sends away stays away, also where the place is free again', async () => {
  const { it, refused } = await closedByTheServer();
  assert.deepEqual([refused, it.state, peers.length], [['conflict'], 'off', 1]);
});

test('what ends with the server is begun again', async () => {
  isServed = false;
  const { it, refused } = await closedByTheServer();
  peers.at(-1).becomes('connected');
  assert.deepEqual([refused, it.state, peers.length], [[], 'on', 2]);
});

test('a connection that was given up is heard no more, and an answer that comes too late is given back', async () => {
  const { it } = await on();
  it.stop();
  peers[0].becomes('failed');
  assert.equal(it.state, 'off');
  for (const turns of [0, 1, 2, 4, 8]) {
    const starting = it.start();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    it.stop();
    await starting;
    await settle();
    assert.deepEqual([it.state, peers.filter((peer) => !peer.isClosed).length], ['off', 0], `${turns} turns`);
  }
  assert.deepEqual(calls.filter((call) => call.startsWith('DELETE')).length, calls.filter((call) => call.startsWith('POST')).length);
});
