// Which way the picture comes: the machine of the player, event by event, on a clock of the test's own.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './support.mjs';
import { begin, due, step, words } from '../../src/ui/site/room/player/choice.js';

const PATIENCE = { firstFrame: 4_000, firstPart: 12_000, disconnected: 5_000 };
const ALL = { webrtc: true, h264: true, hls: true };
const NO_H264 = { webrtc: true, h264: false, hls: true };
const LIVE = { type: 'picture', state: 'live', since: 't1', whep: true, hls: true };
const WAITING = { type: 'picture', state: 'waiting', since: 't0', whep: true };
const STALLED = { ...LIVE, state: 'stalled', since: 't2' };
const NONE = { type: 'picture', state: 'none', since: 't3' };
const ELSEWHERE = { type: 'stream', status: 'live', external: 'https://cdn.example/a.m3u8' };

/** A machine of a stream that is live, with a clock: `at(ms)` lets time pass, each call hears one event. */
function player(can = ALL, kept = undefined) {
  let machine = step(begin(can, kept), { type: 'stream', status: 'live', external: null }, 0);
  let now = 0;
  return {
    hear: (event) => (machine = step(machine, typeof event === 'string' ? { type: event } : event, now)),
    /** Lets time pass as a page does: it is called when something is due. */
    pass(ms) {
      const end = now + ms;
      for (let calls = 0; due(machine) <= end && calls < 1000; calls++) {
        now = Math.max(now, due(machine));
        machine = step(machine, { type: 'tick' }, now);
      }
      now = end;
    },
    /** How long it is until something is due. */
    wait: () => due(machine) - now,
    get it() {
      return machine;
    },
    get says() {
      return words(machine);
    },
  };
}

beforeEach(() => mock.method(Math, 'random', () => 0.5));
afterEach(() => mock.restoreAll());

test('a picture comes by WHEP where the browser has its codec, and by HLS where it has not', () => {
  for (const [can, path] of [[ALL, 'whep'], [NO_H264, 'hls'], [{ webrtc: false, h264: false, hls: true }, 'hls']]) {
    const p = player(can);
    p.hear(LIVE);
    assert.deepEqual([p.it.path, p.it.phase, p.says], [path, 'opening', 'loading']);
    p.hear('frame');
    assert.deepEqual([p.it.phase, p.says, due(p.it)], ['playing', null, Infinity]);
  }
});

test('a picture that only HLS has comes by HLS, and a codec that only WHEP has by WHEP', () => {
  const p = player();
  p.hear({ ...LIVE, whep: false });
  assert.equal(p.it.path, 'hls');
  const q = player(NO_H264);
  q.hear({ ...LIVE, hls: false });
  assert.equal(q.it.path, 'whep');
});

test('without a frame four seconds after the picture is live, HLS takes over', () => {
  const p = player();
  p.hear(WAITING);
  assert.deepEqual([p.it.path, p.says], ['whep', 'starting']);
  p.pass(60_000);
  assert.equal(p.it.path, 'whep', 'a publisher who sends no keyframe is waited for');
  p.hear(LIVE);
  p.pass(PATIENCE.firstFrame - 1);
  assert.equal(p.it.path, 'whep');
  p.pass(1);
  assert.deepEqual([p.it.path, p.it.phase, p.it.gaveUp], ['hls', 'opening', 't1']);
});

test('a refusal and a failed connection go to HLS at once', () => {
  for (const event of [{ type: 'failed', code: 'no_common_codec' }, { type: 'failed' }]) {
    const p = player();
    p.hear(LIVE);
    p.hear(event);
    assert.equal(p.it.path, 'hls');
  }
});

test('a connection that is away for five seconds is given up, one that comes back is not', () => {
  const p = player();
  p.hear(LIVE);
  p.hear('frame');
  p.hear('disconnected');
  p.pass(PATIENCE.disconnected - 1);
  p.hear('disconnected');
  p.hear('connected');
  p.pass(60_000);
  assert.equal(p.it.path, 'whep');
  p.hear('disconnected');
  p.pass(PATIENCE.disconnected);
  assert.equal(p.it.path, 'hls');
});

test('the next run of the picture tries WHEP again, the same run does not', () => {
  const p = player();
  p.hear(LIVE);
  p.hear('failed');
  p.hear(STALLED);
  p.hear({ ...LIVE, since: 't4' });
  assert.equal(p.it.path, 'hls');
  p.hear(NONE);
  assert.deepEqual([p.it.path, p.it.phase], [null, 'idle']);
  p.hear({ ...LIVE, since: 't5' });
  assert.equal(p.it.path, 'whep');
});

test('a reload within the same run keeps to HLS, and within another it does not', () => {
  for (const [gaveUp, path] of [['t1', 'hls'], ['t0', 'whep']]) {
    const p = player(ALL, { gaveUp });
    p.hear(LIVE);
    assert.equal(p.it.path, path);
  }
});

test('who prefers it stable has HLS, and does not begin with WHEP while the picture starts', () => {
  const p = player(ALL, { prefer: 'stable' });
  p.hear(WAITING);
  assert.deepEqual([p.it.path, p.says], [null, 'starting']);
  p.hear(LIVE);
  assert.equal(p.it.path, 'hls');
  p.hear({ type: 'prefer', what: 'low' });
  assert.equal(p.it.path, 'whep');
  p.hear('failed');
  p.hear({ type: 'prefer', what: 'low' });
  assert.equal(p.it.path, 'whep', 'chosen again, it is tried again');
  p.hear({ type: 'prefer', what: 'stable' });
  assert.equal(p.it.path, 'hls');
});

test('where there is no HLS, WHEP is tried again with waits that grow, and at once when something changes', () => {
  const p = player();
  p.hear({ ...LIVE, hls: false });
  p.hear('failed');
  const first = due(p.it);
  assert.deepEqual([p.it.phase, p.says], ['failed', 'failed']);
  const { attempt } = p.it;
  p.pass(first);
  assert.deepEqual([p.it.phase, p.it.attempt], ['opening', attempt + 1]);
  p.hear('failed');
  assert.ok(due(p.it) - first > first, 'the second wait is longer');
  p.hear({ type: 'stream', status: 'live', external: 'https://cdn.example/' });
  assert.equal(p.it.phase, 'opening');
  for (let n = 0; n < 30; n++) p.hear('failed');
  p.hear('retry');
  assert.deepEqual([p.it.phase, p.it.failures], ['opening', 0]);
});

test('a codec that the browser has not ends in words until HLS is there', () => {
  const p = player(NO_H264);
  p.hear({ ...LIVE, hls: false });
  p.hear({ type: 'failed', code: 'no_common_codec' });
  assert.deepEqual([p.says, due(p.it)], ['unsupported', Infinity]);
  p.hear(LIVE);
  assert.equal(p.it.path, 'hls');
  const q = player({ webrtc: false, h264: false, hls: false });
  q.hear(LIVE);
  assert.deepEqual([q.it.path, q.says], [null, 'unsupported']);
});

test('HLS that shows nothing or fails is opened again', () => {
  const p = player(NO_H264);
  p.hear(LIVE);
  p.pass(PATIENCE.firstPart);
  assert.deepEqual([p.it.path, p.it.phase, p.says], ['hls', 'failed', 'failed']);
  p.pass(20_000);
  assert.ok(p.it.attempt > 2);
  p.hear('frame');
  p.hear('failed');
  assert.equal(p.it.failures, 1, 'it had played, so it begins to count anew');
});

test('HLS that goes on failing gives WHEP another chance, with waits that grow all the while', () => {
  const tried = (kept) => {
    const p = player(ALL, kept);
    p.hear(LIVE);
    return Array.from({ length: 9 }, () => {
      const { path } = p.it;
      p.hear('failed');
      const wait = p.it.phase === 'failed' ? p.wait() : 0;
      p.pass(wait);
      return `${path} ${wait}`;
    });
  };
  assert.deepEqual(tried(), ['whep 0', 'hls 1500', 'hls 2500', 'hls 0', 'whep 0', 'hls 8000', 'hls 8000', 'hls 0', 'whep 0']);
  assert.ok(tried({ prefer: 'stable' }).every((one) => one.startsWith('hls')));
});

test('B-frames that are seen late move the picture to HLS', () => {
  const p = player();
  p.hear(LIVE);
  p.hear('frame');
  p.hear({ ...LIVE, whep: false });
  assert.deepEqual([p.it.path, p.it.phase], ['hls', 'opening']);
});

test('a picture that stands still keeps what it shows, and says so', () => {
  const p = player();
  p.hear(LIVE);
  p.hear('frame');
  const { attempt } = p.it;
  p.hear(STALLED);
  p.pass(60_000);
  assert.deepEqual([p.it.path, p.it.attempt, p.says], ['whep', attempt, 'stalled']);
  p.hear({ ...LIVE, since: 't4' });
  assert.deepEqual([p.it.attempt, p.says], [attempt, null]);
});

test('who comes while it stands still opens it, and gives up only once it goes on', () => {
  const p = player();
  p.hear(STALLED);
  p.pass(60_000);
  assert.deepEqual([p.it.path, p.says], ['whep', 'stalled']);
  p.hear({ ...LIVE, since: 't4' });
  p.pass(PATIENCE.firstFrame);
  assert.equal(p.it.path, 'hls');
});

test('a picture from elsewhere plays while the house has none, and is tried again when it fails', () => {
  const p = player();
  assert.equal(p.says, 'none');
  p.hear(ELSEWHERE);
  assert.deepEqual([p.it.path, p.says], ['external', 'loading']);
  p.hear('failed');
  assert.equal(p.says, 'failed');
  p.pass(2_000);
  assert.equal(p.it.phase, 'opening');
  p.hear('failed');
  p.hear({ ...ELSEWHERE, status: 'scheduled' });
  assert.equal(p.it.phase, 'opening', 'an event of the stream tries it again');
  p.hear('frame');
  p.hear(LIVE);
  assert.equal(p.it.path, 'whep');
  p.hear(NONE);
  assert.equal(p.it.path, 'external');
});

test('a picture that goes to a media server is played from there', () => {
  const p = player();
  p.hear({ ...LIVE, whep: false, hls: false });
  assert.deepEqual([p.it.path, p.says], [null, 'unsupported']);
  p.hear(ELSEWHERE);
  assert.deepEqual([p.it.path, p.says], ['external', 'loading']);
  p.hear('frame');
  p.hear({ ...LIVE, state: 'stalled', whep: false, hls: false });
  assert.deepEqual([p.it.path, p.says], ['external', null]);
  p.hear({ ...LIVE, state: 'waiting', whep: false, hls: false });
  assert.equal(p.it.path, null, 'it is to come to this house');
});

test('another address is opened anew, the same is left alone', () => {
  const p = player();
  p.hear(ELSEWHERE);
  p.hear('frame');
  const { attempt } = p.it;
  p.hear(ELSEWHERE);
  assert.equal(p.it.attempt, attempt);
  p.hear({ ...ELSEWHERE, external: 'https://cdn.example/b.mp4' });
  assert.deepEqual([p.it.attempt, p.it.phase], [attempt + 1, 'opening']);
});

test('an ended stream plays what is elsewhere and nothing of the house, and says nothing', () => {
  const p = player();
  p.hear(LIVE);
  p.hear({ type: 'stream', status: 'ended', external: null });
  p.hear(NONE);
  assert.deepEqual([p.it.path, p.says], [null, null]);
  p.hear({ ...ELSEWHERE, status: 'ended' });
  assert.equal(p.it.path, 'external');
});
