// The shield mode and who is ignored: what changes, and what comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './support.mjs';
import { agree, allIgnored, ignore, isIgnored, onIgnored } from '../../src/ui/site/core/ignored.js';
import { isRaised, lowered, raised } from '../../src/ui/site/room/moderate/shield.js';

const OPEN = { comments: 'users', links: 'allow', slow_mode_s: 5, hold_all: false };

test('the shield makes a room quiet, and what was stricter stays', () => {
  assert.deepEqual(raised(OPEN), { comments: 'followers', links: 'hold', slow_mode_s: 30 });
  assert.deepEqual(raised({ comments: 'moderators', links: 'allow', slow_mode_s: 60 }), { links: 'hold' });
  assert.ok(isRaised({ ...OPEN, ...raised(OPEN) }));
  for (const part of ['comments', 'links', 'slow_mode_s']) assert.ok(!isRaised({ ...OPEN, ...raised(OPEN), [part]: OPEN[part] }), part);
  assert.equal(isRaised(null), false);
});

test('behind the shield a room is as it was, or as rooms begin', () => {
  assert.deepEqual(lowered(OPEN), { comments: 'users', links: 'allow', slow_mode_s: 5 });
  assert.deepEqual(lowered({ ...OPEN, own: ['links'] }), { comments: null, links: 'allow', slow_mode_s: null }, 'the rest is the channel\'s again');
  assert.deepEqual(lowered(null), { comments: 'users', links: 'allow', slow_mode_s: 0 });
});

test('who is ignored is remembered, told, and let back; a thousand at most', () => {
  let told = 0;
  const stop = onIgnored(() => (told += 1));
  ignore({ id: 'u1', username: 'bob', display_name: 'Bob', role: 'viewer' });
  assert.deepEqual([isIgnored('u1'), isIgnored('u2'), isIgnored('toString')], [true, false, false]);
  assert.deepEqual(JSON.parse(localStorage.getItem('livehouse.ignored')), { u1: { id: 'u1', username: 'bob', display_name: 'Bob' } });
  for (let n = 0; n < 1000; n++) ignore({ id: `more ${n}`, username: 'x', display_name: 'x' });
  assert.deepEqual([isIgnored('u1'), allIgnored().length, allIgnored()[0].id], [false, 1000, 'more 999']);
  ignore({ id: 'more 999' }, false);
  assert.equal(isIgnored('more 999'), false);
  localStorage.setItem('livehouse.ignored', '{"u9":{"id":"u9"}}');
  dispatchEvent(Object.assign(new Event('storage'), { key: 'livehouse.ignored' }));
  assert.deepEqual([isIgnored('u9'), told], [true, 1003], 'another tab did');
  stop();
});

test('what an account ignores holds in all its browsers, and what a guest ignored comes along', () => {
  const names = () => allIgnored().map(({ id }) => id).sort();
  localStorage.setItem('livehouse.ignored', '{}');
  dispatchEvent(Object.assign(new Event('storage'), { key: 'livehouse.ignored' }));
  ignore({ id: 'mine', username: 'mine', display_name: 'mine' });
  const kept = (...ids) => ids.map((id) => ({ id, username: id, display_name: id, ignored_at: '' }));
  assert.deepEqual(agree(kept('a', 'b')).map(({ id }) => id), ['mine'], 'that is still to be told');
  assert.deepEqual(names(), ['a', 'b', 'mine']);
  assert.deepEqual(agree(kept('b', 'mine')), []);
  assert.deepEqual(names(), ['b', 'mine'], 'a was let back elsewhere');
  assert.deepEqual([agree(kept()), names()], [[], []]);
});
