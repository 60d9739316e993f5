// What a browser's camera, microphone and screen give, and when: one start at a time, and nothing is taken after a stop.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { json, problem, serve, settle, stopClock } from './support.mjs';
import { Emitter } from '../../src/ui/site/livehouse/small.js';
import { broadcastOf } from '../../src/ui/site/studio/broadcast/broadcast.js';
import { Capture } from '../../src/ui/site/studio/broadcast/capture.js';

let asked; // what the browser was asked for and has not given yet: {give, refuse}
let given; // all tracks that it gave
let said; // how often something was said over the page

class FakeStream {
  constructor(tracks = []) {
    this.tracks = tracks;
  }
  getTracks = () => this.tracks;
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === 'video');
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === 'audio');
}

class FakeSound {
  createMediaStreamDestination = () => ({ stream: new FakeStream([{ kind: 'audio' }]) });
  createAnalyser = () => ({ fftSize: 4, connect() {} });
  createGain = () => ({ gain: {}, connect() {} });
  createMediaStreamSource = () => ({ connect() {}, disconnect() {} });
  resume = async () => {};
  close = async () => {};
}

class FakeTrack extends EventTarget {
  isLive = true;
  constructor(kind) {
    super();
    this.kind = kind;
    given.push(this);
  }
  stop() {
    this.isLive = false;
  }
}

const error = (name) => Object.assign(new Error(name), { name });
const live = () => given.filter(({ isLive }) => isLive).map(({ kind }) => kind);

beforeEach(() => {
  [asked, given, said] = [[], [], 0];
  localStorage.clear();
  const ask = (wanted) => new Promise((resolve, refuse) => {
    const give = () => resolve(new FakeStream(['video', 'audio'].filter((kind) => wanted[kind]).map((kind) => new FakeTrack(kind))));
    asked.push({ wanted, give, refuse: (name) => refuse(error(name)) });
  });
  navigator.mediaDevices = { getUserMedia: ask, getDisplayMedia: ask, enumerateDevices: async () => [] };
  Object.assign(globalThis, { AudioContext: FakeSound, MediaStream: FakeStream, window: new EventTarget() });
  document.addEventListener = document.removeEventListener = () => {};
  document.querySelector = () => {
    said += 1;
    throw error('said');
  };
});

/** A capture that is on, with all that was asked for given. */
async function on() {
  const capture = new Capture();
  const starting = capture.start();
  asked.shift().give();
  assert.equal(await starting, true);
  return capture;
}

test('camera and microphone are on until the stop', async () => {
  const capture = await on();
  assert.deepEqual([live(), capture.isOn, await capture.start(), asked.length], [['video', 'audio'], true, true, 0]);
  capture.stop();
  assert.deepEqual([live(), capture.isOn], [[], false]);
});

test('two starts at once are one', async () => {
  const capture = new Capture();
  const both = [capture.start(), capture.start()];
  assert.equal(asked.length, 1);
  asked.shift().give();
  assert.deepEqual([await Promise.all(both), live()], [[true, true], ['video', 'audio']]);
  capture.stop();
  assert.deepEqual(live(), []);
});

test('a start that was refused is nothing to wait for', async () => {
  const capture = new Capture();
  const starting = capture.start();
  asked.shift().refuse('NotAllowedError');
  await assert.rejects(starting, { name: 'NotAllowedError' });
  const again = capture.start();
  asked.shift().give();
  assert.equal(await again, true);
});

test('where one of both is missing there is the other, and nothing more is asked for after a stop', async () => {
  const capture = new Capture();
  const starting = capture.start();
  for (const missing of ['video+audio', 'video']) {
    const { wanted, refuse } = asked.shift();
    assert.equal(Object.keys(wanted).join('+'), missing);
    refuse('NotFoundError');
    await settle();
  }
  asked.shift().give();
  assert.deepEqual([await starting, live()], [true, ['audio']]);
  capture.stop();
  const second = capture.start();
  capture.stop();
  asked.shift().refuse('NotFoundError');
  assert.deepEqual([await second, asked.length], [false, 0]);
});

test('what is given after a stop is stopped at once', async () => {
  const ways = { start: [], useCamera: ['c'], useVoice: ['v'], shareScreen: [] };
  for (const [way, values] of Object.entries(ways)) {
    const capture = way === 'start' ? new Capture() : await on();
    const late = capture[way](...values);
    capture.stop();
    asked.shift().give();
    await late;
    assert.deepEqual([live(), capture.isOn, capture.sound], [[], false, null], way);
  }
});

test('a refusal after a stop is nobody\'s trouble', async () => {
  const capture = await on();
  const late = capture.shareScreen();
  capture.stop();
  asked.shift().refuse('NotAllowedError');
  await late;
});

test('a start after a stop asks anew, and what the first gives is not taken for it', async () => {
  const capture = new Capture();
  const first = capture.start();
  capture.stop();
  const second = capture.start();
  assert.equal(asked.length, 2);
  asked[1].give();
  asked[0].give();
  assert.deepEqual([await first, await second, live()], [false, true, ['video', 'audio']]);
  capture.stop();
  assert.deepEqual(live(), []);
});

test('a screen that is shared anew ends the one before', async () => {
  const capture = await on();
  for (let times = 0; times < 2; times++) {
    const sharing = capture.shareScreen();
    asked.shift().give();
    await sharing;
  }
  assert.deepEqual(live(), ['video', 'audio', 'video', 'audio']);
  capture.stop();
  assert.deepEqual(live(), []);
});

// ---- with what sends it

function broadcast(routes = {}) {
  const calls = serve({ 'GET /streams/s/playback': json({ ice_servers: [] }), ...routes });
  const ends = [];
  const life = { add: (end) => ends.push(end), listen() {}, end: () => ends.splice(0).reverse().forEach((end) => end()) };
  const state = Object.assign(new Emitter(), { stream: { status: 'live' }, path: (rest = '') => `/streams/s${rest}` });
  return { it: broadcastOf(state, life), state, life, calls };
}

test('a page that was left while the browser asked sends nothing', async () => {
  const { it, life, calls } = broadcast();
  const going = it.goLive();
  life.end();
  asked.shift().give();
  await going;
  assert.deepEqual([live(), calls, it.isOn], [[], [], false]);
});

test('who goes live twice at once goes once', async () => {
  const { it } = broadcast();
  let times = 0;
  it.sender.start = async () => (times += 1);
  const both = [it.goLive(), it.goLive()];
  asked.shift().give();
  await Promise.all(both);
  assert.deepEqual([times, asked.length], [1, 0]);
});

test('a refusal that comes after the page was left asks nothing', async () => {
  const { it, life } = broadcast();
  let refuse;
  it.sender.start = () => new Promise((_, reject) => (refuse = reject));
  const going = it.goLive();
  asked.shift().give();
  await settle();
  life.end();
  refuse({ code: 'conflict' });
  await going;
  assert.equal(said, 0);
});

/** What is said when the server closes the connection, and answers `ingest` so. */
async function closed(ingest, before = () => {}) {
  const { it, state, life } = broadcast({ 'GET /streams/s/ingest': ingest });
  said = 0;
  before(state, life);
  document.querySelector = () => {
    said += 1;
    return { append() {}, children: [1], matches: () => false, showPopover() {} };
  };
  it.sender.emit('refused', { code: 'conflict' });
  await settle();
  return said;
}

test('another encoder is blamed where the stream is still one\'s own, and nowhere else', async () => {
  stopClock(); // what was said stands
  class FakeElement extends EventTarget {
    append() {}
    setAttribute() {}
  }
  Object.assign(globalThis, { Node: FakeElement });
  document.createElement = document.createElementNS = () => new FakeElement();
  assert.equal(await closed(json({})), 1);
  for (const status of [401, 403, 404]) assert.equal(await closed(problem(status, 'x')), 0, String(status));
  assert.equal(await closed(json({}), (state) => (state.stream.status = 'ended')), 0);
  assert.equal(await closed(json({}), (_, life) => life.end()), 0);
  mock.restoreAll();
});

test('a broadcast ends with its room', () => {
  const { it, state } = broadcast();
  let stops = 0;
  it.sender.stop = () => (stops += 1);
  state.emit('status', { state: 'reconnecting' });
  state.emit('status', { state: 'closed', code: 4409 });
  assert.equal(stops, 0);
  state.emit('status', { state: 'closed', code: 4404 });
  assert.equal(stops, 1);
});
