// A recording in the time of its stream: holes between its parts, players that wait, end early or are stopped by somebody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './support.mjs';
import { Film } from '../../src/ui/site/room/replay/film.js';
import { listen } from '../../src/ui/site/room/replay/keys.js';
import { Reel } from '../../src/ui/site/room/replay/reel.js';
import { begin, step } from '../../src/ui/site/room/player/choice.js';

// The picture came a second after the start, was away from 11 s to 31 s, and ended before the stream did.
const PARTS = [
  { offset_ms: 1_000, media_ms: 0, duration_ms: 10_000 },
  { offset_ms: 31_000, media_ms: 10_000, duration_ms: 5_000 },
];
const TICK_MS = 100;

/** A player whose video runs when it is told to, over a film of so many seconds. */
function stand(film, seconds = 15) {
  const video = {
    currentTime: 0,
    paused: true,
    playbackRate: 1,
    get ended() {
      return this.currentTime >= seconds;
    },
    play: async () => void (video.paused = false),
    pause: () => void (video.paused = true),
  };
  const player = { now: { phase: 'playing' }, video };
  const reel = new Reel(player, film);
  const seen = []; // [moment, where in the film], of each tick
  const run = (ms) => {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      if (!video.paused && player.now.phase === 'playing') video.currentTime = Math.min(seconds, video.currentTime + (TICK_MS / 1000) * video.playbackRate);
      if (video.ended) video.paused = true;
      seen.push([reel.next(TICK_MS), Math.round(video.currentTime * 1000)]);
    }
    return seen.at(-1);
  };
  return { reel, video, player, run, seen };
}

test('a moment is in a part or in a hole, where the last picture stays', () => {
  const film = new Film(PARTS);
  const parts = [0, 1_000, 10_999, 11_000, 30_999, 31_000, 36_000].map((ms) => film.parts.indexOf(film.partAt(ms)));
  assert.deepEqual(parts, [-1, 0, 0, -1, -1, 1, -1]);
  assert.deepEqual([0, 1_000, 5_000, 20_000, 33_000, 99_000].map((ms) => film.mediaAt(ms)), [0, 0, 4_000, 9_900, 12_000, 14_900]);
  assert.equal(film.momentOf(PARTS[1], 12_000), 33_000);
  assert.deepEqual([film.nextPart(11_000, 30_999), film.nextPart(11_000, 31_000)], [null, PARTS[1]]);
});

test('a film is over where nothing more of it comes, and never while it grows', () => {
  const film = new Film(PARTS);
  assert.deepEqual([0, 20_000, 35_999, 36_000].map((ms) => film.isOverAt(ms)), [false, false, false, true]);
  assert.equal(new Film([PARTS[0], { ...PARTS[1], duration_ms: Infinity }]).isOverAt(1e9), false);
});

test('a film without a part is a hole, and so time goes on', () => {
  const { reel, run } = stand(new Film([]));
  reel.play(true);
  assert.equal(run(3_000)[0], 3_000);
});

test('all of a show is seen in its time, over a hole and past the end of the picture', () => {
  const { reel, run, seen, video } = stand(new Film(PARTS));
  reel.seek(0);
  reel.play(true);
  run(40_000);
  for (const [moment, media] of seen) {
    const part = PARTS.find(({ offset_ms: begins, duration_ms: lasts }) => moment > begins && moment < begins + lasts);
    if (part) assert.ok(Math.abs(moment - part.offset_ms - (media - part.media_ms)) <= TICK_MS, `at ${moment} the film is at ${media}`);
    if (moment > 11_000 && moment < 31_000) assert.equal(media, 9_900, `in the hole, at ${moment}`);
  }
  const moments = seen.map(([moment]) => moment);
  assert.deepEqual(moments, [...moments].sort((a, b) => a - b), 'time never goes back');
  assert.ok(Math.abs(moments.at(-1) - 40_000) <= 5 * TICK_MS, `40 s after its begin it is at ${moments.at(-1)}`);
  assert.equal(video.paused, true);
});

test('in a hole the picture stands, and after a jump out of it it moves again', () => {
  const { reel, run, video } = stand(new Film(PARTS));
  reel.play(true);
  reel.seek(20_000);
  assert.deepEqual([video.paused, video.currentTime, reel.isStopped], [true, 9.9, false]);
  reel.seek(32_000);
  assert.deepEqual([video.paused, video.currentTime], [false, 11]);
  assert.equal(run(1_000)[0], 33_000);
});

test('as fast as is wanted, also where there is no picture', () => {
  const { reel, run } = stand(new Film(PARTS));
  reel.setRate(2);
  reel.play(true);
  reel.seek(2_000);
  assert.equal(Math.round(run(2_000)[0]), 6_000);
  reel.seek(12_000);
  assert.equal(run(2_000)[0], 16_000);
});

test('time waits for a picture that is on its way, and for none that failed', () => {
  const { reel, run, player, video } = stand(new Film(PARTS));
  player.now.phase = 'opening';
  reel.seek(3_000);
  reel.play(true);
  assert.equal(run(5_000)[0], 3_000);
  player.now.phase = 'playing';
  reel.settle();
  assert.deepEqual([video.currentTime, video.paused], [2, false]);
  assert.equal(Math.round(run(1_000)[0]), 4_000);
  player.now.phase = 'failed';
  assert.equal(Math.round(run(1_000)[0]), 5_000);
});

test('who stops the picture where no button of the page is stops the show', () => {
  const { reel, run, video } = stand(new Film(PARTS));
  reel.seek(2_000);
  reel.play(true);
  run(500);
  assert.equal(reel.isStopped, false);
  video.pause();
  assert.equal(reel.isStopped, true);
});

test('a picture from elsewhere that is shorter than its stream lets time go on', () => {
  const { reel, run } = stand(Film.fromElsewhere(), 5);
  reel.play(true);
  assert.ok(Math.abs(run(9_000)[0] - 9_000) <= TICK_MS);
});

test('a player that waits at the end for what never comes is at the end, and in the middle it is waited for', () => {
  const film = new Film([{ offset_ms: 0, media_ms: 0, duration_ms: 5_000 }]);
  const at = (seconds) => {
    const { reel, video, run } = stand(film, seconds);
    Object.defineProperty(video, 'ended', { value: false });
    reel.play(true);
    return run(9_000)[0];
  };
  assert.ok(film.isOverAt(at(4.9)));
  assert.equal(at(3), 3_000);
});

test('parts that overlap by a little are shown one after the other, and no moment twice', () => {
  const { reel, run, seen } = stand(new Film([{ offset_ms: 0, media_ms: 0, duration_ms: 5_000 }, { offset_ms: 4_800, media_ms: 5_000, duration_ms: 5_000 }]));
  reel.play(true);
  run(8_000);
  const moments = seen.map(([moment]) => moment);
  assert.deepEqual(moments, [...moments].sort((a, b) => a - b));
  assert.ok(moments.at(-1) > 7_000);
});

test('what was kept comes before all else, where it can be played', () => {
  const ended = (can) => step(begin(can), { type: 'stream', status: 'ended', external: 'https://cdn.example/a.m3u8' }, 0);
  const kept = { type: 'recording', url: '/kept.m3u8' };
  assert.equal(ended({ hls: true }).path, 'external');
  assert.equal(step(ended({ hls: true }), kept, 0).path, 'recording');
  assert.equal(step(ended({ hls: false }), kept, 0).path, 'external');
  const live = [{ type: 'stream', status: 'live', external: null }, { type: 'picture', state: 'live', whep: true, hls: true }].reduce((machine, event) => step(machine, event, 0), begin({ webrtc: true, h264: true, hls: true }));
  const back = step(live, kept, 0);
  assert.deepEqual([live.path, back.path], ['whep', 'recording']);
  const other = step(back, { ...kept, url: '/other.m3u8' }, 0);
  assert.ok(other.attempt > back.attempt, 'another one is opened anew');
  assert.equal(step(other, { type: 'recording', url: null }, 0).path, 'whep');
  // Where nothing takes its place what plays is closed, too.
  const over = step(back, { type: 'stream', status: 'ended', external: null }, 0);
  const closed = step(over, { type: 'recording', url: null }, 0);
  assert.deepEqual([over.path, closed.path], ['recording', null]);
  assert.ok(closed.attempt > over.attempt);
});

test('keys act after a click on a button or a scrubber, but for what these do with them, and not for who writes', () => {
  let press;
  const acted = [];
  const acts = Object.fromEntries(['j', ' ', 'End'].map((key) => [key, () => acted.push(key)]));
  listen({ listen: (_target, _type, listener) => (press = listener) }, acts);
  const on = (...kinds) => ({ closest: (selector) => (selector.split(', ').some((one) => kinds.includes(one)) ? {} : null) });
  for (const [target, taken] of [[on(), ['j', ' ', 'End']], [on('button'), ['j', 'End']], [on('input'), ['j']], [on('textarea'), []]]) {
    acted.length = 0;
    for (const key of ['j', ' ', 'End']) press({ key, target, preventDefault() {} });
    assert.deepEqual(acted, taken);
  }
});
