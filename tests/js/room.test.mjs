// The pure parts of a room: what it is, what is folded, left out, tapped and shown when, and where comments fly.
import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { json, problem, serve, settle, stopClock } from './support.mjs';
import { Emitter } from '../../src/ui/site/livehouse/small.js';
import { Fold } from '../../src/ui/site/room/fold.js';
import { Gaps } from '../../src/ui/site/room/gaps.js';
import { graphemes } from '../../src/ui/site/room/graphemes.js';
import { Lanes } from '../../src/ui/site/room/lanes.js';
import { Seen } from '../../src/ui/site/room/seen.js';
import { SlowMode } from '../../src/ui/site/room/slow-mode.js';
import { RoomState } from '../../src/ui/site/room/state.js';
import { Taps } from '../../src/ui/site/room/taps.js';
import { Timeline } from '../../src/ui/site/room/replay/timeline.js';

afterEach(() => mock.restoreAll());

// ---- what a room is

const STREAM = { id: 's', title: 'Jam', status: 'live', viewers: 3 };
const YOU = { role: 'viewer', user: { id: 'me' }, can: ['comment', 'vote'], ban: null, vote: 1 };

function room() {
  const live = new Emitter();
  const state = new RoomState(live, STREAM);
  const told = [];
  for (const part of ['stream', 'viewers', 'reactions', 'settings', 'pinned', 'announcement', 'poll', 'questions', 'you', 'held', 'status', 'gone']) state.on(part, () => told.push(part));
  const hears = (type, frame) => {
    told.length = 0;
    live.emit(type, frame);
    return told;
  };
  return { state, hears };
}

test('a room begins as its stream is, and is what the snapshot says', () => {
  const { state, hears } = room();
  assert.deepEqual([state.viewers, state.reactions, state.you, state.path('/pin'), state.may('comment')], [3, {}, null, '/streams/s/pin', false]);
  hears('snapshot', { stream: { ...STREAM, viewers: 5, reactions: { like: 2 } }, settings: { slow_mode_s: 3 }, pinned: { id: 'c1' }, poll: { id: 'p' }, questions: [{ id: 'q' }] });
  assert.equal(state.stream.viewers, 5);
  assert.deepEqual([state.viewers, state.reactions, state.settings.slow_mode_s, state.pinned.id, state.announcement, state.poll.id, state.questions.length], [5, { like: 2 }, 3, 'c1', null, 'p', 1]);
  hears('snapshot', { stream: STREAM });
  assert.deepEqual([state.settings, state.pinned, state.poll, state.questions], [null, null, null, []], 'nothing stays of the one before');
});

test('views are told which part has changed, and no other', () => {
  const { state, hears } = room();
  assert.deepEqual(hears('you', YOU), ['you']);
  assert.deepEqual(hears('pulse', { viewers: 9 }), ['viewers']);
  assert.deepEqual(hears('pulse', { reactions: { like: 1 } }), ['reactions']);
  assert.deepEqual(hears('pulse', { tally: [1, 2] }), [], 'there is no poll');
  assert.deepEqual(hears('stream.updated', { stream: { title: 'Late' } }), ['stream']);
  assert.deepEqual(hears('queue', { held: 4 }), ['held']);
  assert.deepEqual(hears('settings.updated', { settings: { slow_mode_s: 9 } }), ['settings']);
  assert.deepEqual(hears('comment.pinned', { comment: { id: 'c' } }), ['pinned']);
  assert.deepEqual(hears('comment.unpinned', {}), ['pinned']);
  assert.deepEqual(hears('announcement.created', { announcement: { id: 'a' } }), ['announcement']);
  assert.deepEqual([state.settings.slow_mode_s, state.pinned, state.announcement.id], [9, null, 'a']);
  assert.deepEqual(hears('status', { state: 'open' }), ['status']);
  assert.deepEqual([state.stream.title, state.stream.status, state.held, state.may('vote'), state.may('ban')], ['Late', 'live', 4, true, false]);
});

test('the clock is the server\'s', () => {
  const { state, hears } = room();
  hears('welcome', { now: new Date(Date.now() + 60_000).toISOString() });
  assert.ok(Math.abs(state.now() - Date.now() - 60_000) < 1000);
  hears('welcome', {});
  assert.ok(Math.abs(state.now() - Date.now()) < 1000);
});

test('a poll opens without the vote of the one before, moves, and stays known once it is closed', () => {
  const { state, hears } = room();
  hears('you', YOU);
  assert.deepEqual(hears('poll.opened', { poll: { id: 'p', tally: [0, 0] } }), ['poll']);
  assert.equal(state.you.vote, null);
  hears('pulse', { tally: [1, 2] });
  assert.deepEqual(state.poll, { id: 'p', tally: [1, 2] });
  hears('poll.closed', { poll: { id: 'p', tally: [1, 3] } });
  assert.deepEqual([state.poll, state.lastPoll.tally], [null, [1, 3]]);
});

test('one\'s own ban takes rights away before they are told anew, another\'s takes none', () => {
  const { state, hears } = room();
  hears('you', YOU);
  assert.deepEqual(hears('viewer.banned', { user_id: 'them', until: null }), []);
  hears('viewer.banned', { user_id: 'me', until: '2026-05-01T20:00:00Z' });
  assert.deepEqual([state.may('comment'), state.you.ban], [false, { until: '2026-05-01T20:00:00Z', reason: null }]);
  hears('you', { ...YOU, can: [], ban: { until: null, reason: 'rude' } });
  assert.deepEqual(hears('viewer.banned', { user_id: 'me', until: 'later' }), [], 'the reason stays');
});

test('what is deleted is gone wherever it shows', () => {
  const { state, hears } = room();
  const comment = (id, user, seq) => ({ id, user: { id: user }, seq });
  let gone = null;
  state.on('gone', (isGone) => (gone = isGone));
  hears('comment.pinned', { comment: comment('c1', 'u1', 1) });
  hears('comment.deleted', { comment_id: 'c2' });
  assert.deepEqual([state.pinned.id, gone(comment('c2', 'u1', 2)), gone(comment('c1', 'u1', 1))], ['c1', true, false]);
  hears('comment.tombstone', { comment_id: 'c1' });
  assert.equal(state.pinned, null);
  hears('question.created', { question: { id: 'q1', user: { id: 'u1' } } });
  hears('question.created', { question: { id: 'q2', user: { id: 'u2' } } });
  assert.deepEqual(hears('comments.purged', { user_id: 'u1', seq: 5 }), ['gone', 'questions']);
  assert.deepEqual([comment('a', 'u1', 5), comment('b', 'u1', 6), comment('c', 'u2', 1), comment('d', 'u1')].map(gone), [true, false, false, true]);
  assert.deepEqual(state.questions.map(({ id }) => id), ['q2']);
  hears('question.tombstone', { question_id: 'q2' });
  assert.deepEqual(state.questions, []);
});

test('a question is there once, however often it is told', () => {
  const { state, hears } = room();
  hears('question.created', { question: { id: 'q', votes: 0 } });
  hears('question.answered', { question: { id: 'q', answered: true } });
  assert.deepEqual(state.questions, [{ id: 'q', answered: true }]);
});

test('an announcement that is taken down is not another one', () => {
  const { state, hears } = room();
  hears('announcement.created', { announcement: { id: 'a' } });
  assert.deepEqual(hears('announcement.removed', { announcement_id: 'b' }), []);
  hears('announcement.removed', { announcement_id: 'a' });
  assert.equal(state.announcement, null);
});

// ---- what is folded

const said = (id, content, user = 'u1') => ({ id, content, user: { id: user } });
const row = () => ({ isConnected: true });

test('equal texts of a flood are one row, whatever their case, width and length of laughter', () => {
  const [fold, shown] = [new Fold(), row()];
  fold.add(said(1, 'Wow!!!'), shown, { now: 0 });
  for (const [id, text] of [[2, 'wow!'], [3, 'ＷＯＷ！！'], [4, ' w o w !!!!']]) assert.equal(fold.find(said(id, text, 'u2'), { now: 10 }), shown, text);
  assert.deepEqual(fold.of(shown).map(({ id }) => id), [1, 2, 3, 4]);
  for (const text of ['wow', 'wow?', 'woow!']) assert.equal(fold.find(said(5, text), { now: 10 }), null, text);
});

test('a text is folded for a while after it was last said, and into a row that is still there', () => {
  const [fold, shown] = [new Fold(), row()];
  fold.add(said(1, 'a'), shown, { now: 0 });
  assert.equal(fold.find(said(2, 'a'), { now: 20_000 }), shown);
  assert.equal(fold.find(said(3, 'a'), { now: 40_000 }), shown);
  assert.equal(fold.find(said(4, 'a'), { now: 60_001 }), null);
  shown.isConnected = false;
  assert.equal(fold.find(said(5, 'a'), { now: 40_001 }), null);
});

test('a row stands for those that are left, and for none once it is gone', () => {
  const [fold, shown, next] = [new Fold(), row(), row()];
  fold.add(said(1, 'a'), shown, { now: 0 });
  fold.find(said(2, 'a', 'u2'), { now: 0 });
  assert.deepEqual(fold.without(shown, 1).map(({ id }) => id), [2]);
  fold.replace(shown, next);
  assert.deepEqual([fold.of(shown), fold.of(next).length, fold.find(said(3, 'a'), { now: 0 })], [[], 1, next]);
  assert.deepEqual(fold.without(next, 2).map(({ id }) => id), [3]);
  assert.deepEqual(fold.without(next, 3), []);
  assert.equal(fold.find(said(4, 'a'), { now: 0 }), null);
});

test('no more texts are remembered than there is room for', () => {
  const fold = new Fold();
  for (let n = 0; n < 61; n++) fold.add(said(n, `text ${n} of many`), row(), { now: 0 });
  assert.equal(fold.find(said(100, 'text 0 of many'), { now: 0 }), null);
  assert.ok(fold.find(said(101, 'text 1 of many'), { now: 0 }));
  fold.clear();
  assert.equal(fold.find(said(102, 'text 1 of many'), { now: 0 }), null);
});

// ---- what was left out

test('gaps that meet are one, and are read once', () => {
  const gaps = new Gaps();
  for (const [from, to, missed] of [[5, 8, 2], [9, 12, 3], [20, 20, 1]]) gaps.add({ from, to, missed });
  assert.equal(gaps.missed, 6);
  assert.deepEqual(gaps.take(), [{ from: 5, to: 12, missed: 5 }, { from: 20, to: 20, missed: 1 }]);
  assert.deepEqual([gaps.missed, gaps.take()], [0, []]);
  for (let n = 0; n < 60; n++) gaps.add({ from: n * 10, to: n * 10 + 1, missed: 1 });
  assert.equal(gaps.take().length, 50, 'the oldest are let go');
});

// ---- reactions

test('taps are sent together, and not more than the server takes', () => {
  const taps = new Taps();
  for (let n = 0; n < 25; n++) taps.add('like');
  taps.add('wow');
  assert.deepEqual(taps.take(), [['like', 20], ['wow', 1]]);
  assert.deepEqual(taps.take(), []);
});

test('only what others tapped rises with the totals', () => {
  const taps = new Taps();
  assert.deepEqual(taps.others({ like: 100 }), [], 'those of before rise no more');
  for (let n = 0; n < 3; n++) taps.add('like');
  assert.deepEqual(taps.others({ like: 102 }), [], 'two of one\'s own');
  assert.deepEqual(taps.others({ like: 108, fire: 2 }), [['like', 5], ['fire', 2]], 'the third, and five of others');
  assert.deepEqual(taps.others({ like: 90 }), [], 'totals that fall are no taps');
});

// ---- where comments fly

function lanes(height = 300) {
  const it = new Lanes();
  it.layOut({ width: 900, height }, 50, 1);
  return it;
}
const crossing = { delay: 0, width: 90, gapPx: 10, speed: 1 };

test('a comment crosses in the first lane that its forerunner has fully entered', () => {
  const it = lanes();
  // 100 px a second over 900 px.
  assert.deepEqual(it.cross({ ...crossing, now: 0 }), { y: 42, ms: 9900 });
  assert.equal(it.cross({ ...crossing, now: 0 }).y, 92);
  assert.equal(it.cross({ ...crossing, now: 999 }).y, 142);
  assert.equal(it.cross({ ...crossing, now: 1000 }).y, 42);
  assert.equal(Math.round(it.cross({ ...crossing, now: 5000, speed: 2 }).ms), 4950);
});

test('a comment that sets out later is entered and gone later', () => {
  const it = lanes(100);
  it.cross({ ...crossing, now: 0, delay: 500 });
  assert.equal(it.cross({ ...crossing, now: 1499 }), null);
  assert.deepEqual(it.stand({ now: 10_399, top: true }), { emptyAt: 10_400 });
  assert.equal(it.cross({ ...crossing, now: 10_449 }), null, 'the lane is kept a little longer');
});

test('where no lane is free none is taken', () => {
  const it = lanes();
  for (let n = 0; n < 5; n++) assert.ok(it.cross({ ...crossing, now: 0 }));
  assert.equal(it.cross({ ...crossing, now: 0 }), null);
  it.clear();
  assert.equal(it.cross({ ...crossing, now: 0 }).y, 42);
});

test('what stands has an empty lane to itself, nearest to its edge', () => {
  const it = lanes();
  assert.deepEqual([it.stand({ now: 0, top: true }), it.stand({ now: 0, top: false })], [{ y: 42, ms: 4500 }, { y: 242, ms: 4500 }]);
  assert.equal(it.cross({ ...crossing, now: 0 }).y, 92, 'none crosses where one stands');
  assert.equal(it.stand({ now: 1000, top: true }).y, 142, 'none stands where one crosses');
});

test('where all lanes are crossed one is kept free for what stands', () => {
  const it = lanes(100);
  it.cross({ ...crossing, now: 0 });
  assert.deepEqual(it.stand({ now: 2000, top: true }), { emptyAt: 9900 });
  assert.equal(it.cross({ ...crossing, now: 2000 }), null);
  assert.equal(it.stand({ now: 9900, top: true }).ms, 4500);
});

test('lanes are as many as fit, and stay as they are where nothing changed', () => {
  const it = new Lanes();
  assert.ok(it.none);
  it.layOut({ width: 900, height: 39 }, 50, 1);
  assert.ok(it.none, 'too low for any');
  it.layOut({ width: 900, height: 300 }, 50, 0.25);
  it.cross({ ...crossing, now: 0 });
  it.layOut({ width: 800, height: 300 }, 50, 0.25);
  assert.equal(it.cross({ ...crossing, now: 0 }), null, 'the one lane is taken still');
  it.layOut({ width: 800, height: 300 }, 60, 0.25);
  assert.ok(it.cross({ ...crossing, now: 0 }));
  it.layOut({ width: 800, height: 300 }, 60, 1);
  const ys = Array.from({ length: 4 }, () => it.cross({ ...crossing, now: 0 }).y);
  assert.deepEqual(ys, [42, 102, 162, 222]);
});

// ---- what stands above the comments

test('what was read or closed is remembered, the latest sixty', () => {
  localStorage.clear();
  const it = new Seen();
  assert.equal(it.state('a'), null);
  it.mark('a', 'read');
  it.mark('b', 'closed');
  it.mark('b', 'read');
  assert.deepEqual(['a', 'b'].map((id) => new Seen().state(id)), ['read', 'closed'], 'what is closed stays so');
  for (let n = 0; n < 58; n++) it.mark(`more ${n}`, 'read');
  it.mark('a', 'read');
  it.mark('last', 'read');
  assert.deepEqual(['a', 'b', 'more 0', 'last'].map((id) => it.state(id)), ['read', null, 'read', 'read']);
});

// ---- when one may write

test('slow mode counts down after one has written, for viewers alone', () => {
  const pass = stopClock();
  const shown = [];
  const state = { settings: { slow_mode_s: 3 }, may: (right) => right === state.right };
  const ends = [];
  const it = new SlowMode(state, { add: (end) => ends.push(end) }, (text) => shown.push(text));
  it.refresh();
  it.spoke();
  assert.deepEqual([shown.at(0), shown.at(-1), it.leftMs()], ['Slow mode: 3 seconds', '3 seconds', 3000]);
  pass(2500);
  assert.equal(shown.at(-1), '1 second');
  pass(1000);
  assert.deepEqual([shown.at(-1), it.leftMs()], ['Slow mode: 3 seconds', 0]);
  it.wait(60_000);
  it.wait(1000);
  assert.equal(it.leftMs(), 60_000, 'the longer one holds');
  ends[0]();
  const before = shown.length;
  pass(5000);
  assert.equal(shown.length, before, 'nothing is shown on a page that was left');
  state.right = 'delete';
  const host = new SlowMode(state, { add() {} }, () => {});
  host.spoke();
  assert.equal(host.leftMs(), 0);
});

test('what people take for a character counts as one', () => {
  assert.deepEqual(['', 'abc', '👩‍👩‍👧', 'é', '晚上好', '🇩🇪'].map(graphemes), [0, 3, 1, 1, 3, 1]);
});

// ---- a replay

const offsets = (comments) => comments.map((comment) => comment.offset_ms);

/** An ended stream with a comment every half minute for ten minutes. */
function ended() {
  const all = Array.from({ length: 20 }, (_, n) => ({ id: `c${n}`, offset_ms: n * 30_000 }));
  return serve({
    'GET /streams/s/comments': ({ search }) => {
      const items = all.filter(({ offset_ms: at }) => at >= Number(search.from_offset_ms) && at < Number(search.to_offset_ms));
      return search.cursor ? json({ items: items.slice(2).reverse(), next_cursor: null }) : json({ items: items.slice(0, 2), next_cursor: 'more' });
    },
  });
}

test('a stretch of a replay is read whole, in time, and once', async () => {
  const calls = ended();
  const it = new Timeline('/streams/s/comments');
  let loaded = 0;
  it.onload = () => (loaded += 1);
  assert.deepEqual(offsets(await it.between(0, 60_000)), [0, 30_000]);
  assert.deepEqual(offsets(await it.between(30_000, 60_001)), [30_000, 60_000]);
  assert.deepEqual([calls.length, loaded, it.offsets()], [2, 1, [0, 30_000, 60_000, 90_000]]);
  await it.between(80_000, 90_000);
  await settle();
  assert.equal(loaded, 2, 'the next stretch is read ahead');
  assert.deepEqual(offsets(await it.between(90_000, 150_001)), [90_000, 120_000, 150_000]);
});

test('a jump shows what was said just before', async () => {
  ended();
  const it = new Timeline('/streams/s/comments');
  assert.deepEqual(offsets(await it.before(130_000, 3)), [60_000, 90_000, 120_000]);
  assert.deepEqual(await it.before(0, 3), []);
});

test('what is deleted while a replay is open is not shown again', async () => {
  ended();
  const it = new Timeline('/streams/s/comments');
  await it.between(0, 1);
  it.forget(({ id }) => id === 'c0');
  assert.deepEqual(offsets(await it.between(0, 60_000)), [30_000]);
});

test('a stretch that did not come is asked for again', async () => {
  serve({ 'GET /streams/s/comments': () => problem(503, 'overloaded') });
  const it = new Timeline('/streams/s/comments');
  assert.deepEqual(await it.between(0, 60_000), []);
  ended();
  assert.deepEqual(offsets(await it.between(0, 60_000)), [0, 30_000]);
});
