// What is written in a room, and how it is meant: names, commands, lengths of time, what can be completed.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import './support.mjs';
import { spanWords, speak } from '../../src/ui/site/core/i18n.js';
import { pieces, seconds } from '../../src/ui/site/core/spans.js';
import { allowed, read } from '../../src/ui/site/room/talk/commands.js';
import { EMOJI, emojiLike, emojiNamed } from '../../src/ui/site/room/talk/emoji-names.js';
import { People } from '../../src/ui/site/room/talk/people.js';
import { spoken } from '../../src/ui/site/room/talk/spoken.js';
import { Tints } from '../../src/ui/site/room/talk/tints.js';
import { wanted } from '../../src/ui/site/room/talk/wanted.js';

afterEach(() => speak('en'));

// ---- lengths of time

test('a length of time is read as people type it, in both languages', () => {
  const lengths = {
    '10 min': 600, '10m': 600, '10 Minutes': 600, '90s': 90, '1h30': 5400, '1 h 30 min': 5400, '1h, 30m': 5400, '1 hour and 5 minutes': 3900,
    'an hour': 3600, 'a day': 86_400, 'half an hour': 1800, '1.5 h': 5400, '1,5h': 5400, '2 weeks': 1_209_600, '1 month': 2_592_000, '1 year': 31_536_000,
    '10 分钟': 600, '１０分': 600, 一小时: 3600, 两天: 172_800, 一小时半: 5400, '1小时30分': 5400, 半小时: 1800, 'an hour and a half': 5400, 'One hour and a half': 5400, '2 and a half hours': 9000, 'a day and half an hour': 88_200, '3 个月': 7_776_000, 十秒: 10,
    '0': 0, off: 0, Off: 0, 关闭: 0, forever: Infinity, 永久: Infinity, 45: 45,
  };
  for (const [text, length] of Object.entries(lengths)) assert.equal(seconds(text), length, text);
  assert.equal(seconds('10', 60), 600, 'a number alone counts what the field counts');
  for (const text of ['', ' ', 'soon', '10 parsecs', '-5', 'min', '5 min ago', '1:30', 'h', '1e3', 'a half parsec', '10 s 5']) assert.equal(seconds(text), null, text);
});

test('a length that is shown is read as the same', async () => {
  for (const language of ['en', 'zh-CN']) {
    await speak(language);
    for (const length of [0, 1, 30, 60, 90, 600, 3600, 5400, 86_400, 90_061, 31_536_000]) assert.equal(seconds(spanWords(length)), length, spanWords(length));
  }
  await speak('en');
  assert.deepEqual([spanWords(5400), spanWords(86_400), pieces(61)], ['1 h 30 min', '1 day', [[1, 60], [1, 1]]]);
});

// ---- commands

const any = () => true;
const none = () => false;

test('what begins with a slash is a command, what begins with two is said', () => {
  assert.deepEqual(read('hello /me', any), { say: 'hello /me' });
  assert.deepEqual(read('//ban is a command', none), { say: '/ban is a command' });
  assert.deepEqual(read('/me waves', none), { say: '/me waves' });
  assert.deepEqual(read('/', none), { say: '/' });
  assert.deepEqual(read('/ 5', none), { say: '/ 5' });
  assert.deepEqual(read('/clear', none), { run: 'clear' });
  assert.deepEqual(read('/nothing', any), { wrong: null });
});

test('a timeout is for as long as it says, ten minutes otherwise, with a reason behind', () => {
  assert.deepEqual(read('/timeout @bob', any), { username: 'bob', run: 'ban', duration_s: 600, reason: undefined });
  assert.deepEqual(read('/timeout bob 10 min', any), { username: 'bob', run: 'ban', duration_s: 600, reason: undefined });
  assert.deepEqual(read('/TIMEOUT bob 1h 30 min being rude', any), { username: 'bob', run: 'ban', duration_s: 5400, reason: 'being rude' });
  assert.deepEqual(read('/timeout bob 5', any), { username: 'bob', run: 'ban', duration_s: 300, reason: undefined });
  assert.deepEqual(read('/timeout 安娜 一小时 刷屏', any), { username: '安娜', run: 'ban', duration_s: 3600, reason: '刷屏' });
  assert.deepEqual(read('/timeout bob spam', any), { username: 'bob', run: 'ban', duration_s: 600, reason: 'spam' });
  assert.deepEqual(read('/timeout bob forever', any), { username: 'bob', run: 'ban', duration_s: null, reason: undefined });
});

test('bans, lifted bans and slow mode', () => {
  assert.deepEqual(read('/ban @bob.x selling things', any), { username: 'bob.x', run: 'ban', duration_s: null, delete_comments: true, reason: 'selling things' });
  assert.deepEqual(read('/unban bob', any), { username: 'bob', run: 'unban' });
  assert.deepEqual(read('/slow', any), { run: 'slow', slow_mode_s: 30 });
  assert.deepEqual(read('/slow 2 min', any), { run: 'slow', slow_mode_s: 120 });
  assert.deepEqual(read('/slow off', any), { run: 'slow', slow_mode_s: 0 });
});

test('what is not understood, or not one\'s to do, is not said either', () => {
  for (const text of ['/ban', '/ban @', '/timeout', '/timeout bob 0', '/unban a b', '/slow 3 parsecs', '/slow forever', '/slow 2 h', '/me', '/clear it']) {
    assert.equal(read(text, any).wrong?.name, text.slice(1).split(' ')[0], text);
  }
  for (const text of ['/ban bob', '/slow 5']) assert.deepEqual(read(text, none), { wrong: null }, text);
  assert.deepEqual(allowed(none).map(({ name }) => name), ['me', 'clear']);
  assert.equal(allowed((right) => right === 'ban').length, 5);
});

test('who acts is shown acting', () => {
  assert.deepEqual(spoken('/me waves'), { text: 'waves', acts: true });
  for (const text of ['/me', '/me ', '/meow', 'x /me y']) assert.deepEqual(spoken(text), { text, acts: false });
});

// ---- names

function people(me = 'ana') {
  const it = new People(() => me);
  for (const username of ['bob', 'Bobby', '安娜', 'carl.x', 'ana', 'bob']) it.heard({ id: username, username, display_name: username === 'carl.x' ? 'Great Carl' : username });
  it.heard({ id: 'nobody' });
  return it;
}
const completed = (it, start) => it.completing(start).map(({ username }) => username);
const named = (it, text) => it.mentions(text).map(({ from, to, me }) => [text.slice(from, to), me]);

test('a name is completed from those who spoke, the last one first', () => {
  const it = people();
  assert.deepEqual(completed(it, ''), ['bob', 'carl.x', '安娜', 'Bobby']);
  assert.deepEqual(completed(it, 'BO'), ['bob', 'Bobby']);
  assert.deepEqual(completed(it, 'gre'), ['carl.x']);
  assert.deepEqual(completed(it, 'bob'), [], 'it is whole');
  assert.deepEqual(completed(it, 'x'), []);
  for (let n = 0; n < 600; n++) it.heard({ id: `u${n}`, username: `user${n}` });
  assert.deepEqual(completed(it, 'bo'), [], 'the oldest of many are forgotten');
});

test('who is named stands out, and most of all oneself', () => {
  const it = people();
  assert.deepEqual(named(it, 'hi @bob, @ANA! and @carl.x.'), [['@bob', false], ['@ANA', true], ['@carl.x', false]]);
  assert.deepEqual(named(it, '@安娜你好'), [['@安娜', false]]);
  assert.deepEqual(named(it, '你好@安娜'), [['@安娜', false]]);
  assert.deepEqual(named(it, 'mail me@bob, or @bobb and @nobody'), []);
  assert.deepEqual(named(people(null), '@ana'), [['@ana', false]]);
  assert.deepEqual(named(new People(() => 'ana'), '@Ana @bob'), [['@Ana', true]]);
});

test('twenty people who talk have twenty colours, and everybody keeps theirs', () => {
  const it = new Tints();
  const tints = Array.from({ length: 24 }, (_, n) => it.of(`user ${n}`));
  assert.equal(new Set(tints).size, 24);
  assert.deepEqual(Array.from({ length: 24 }, (_, n) => it.of(`user ${n}`)), tints);
  it.of('user 0');
  assert.equal(it.of('a newcomer'), tints[1], 'as who was quiet longest');
  assert.deepEqual(['user 0', 'user 1'].map((id) => it.of(id)), tints.slice(0, 2));
});

// ---- what can be completed

test('what is being typed asks for a name, an emoji or a command', () => {
  const at = (text, caret = text.length) => wanted(text, caret);
  assert.deepEqual(at('@'), { sign: '@', start: '', from: 0 });
  assert.deepEqual(at('hi @bo and more', 6), { sign: '@', start: 'bo', from: 3 });
  assert.deepEqual(at('你好@安'), { sign: '@', start: '安', from: 2 });
  assert.deepEqual(at('so :fi'), { sign: ':', start: 'fi', from: 3 });
  assert.deepEqual(at('：火焰'), { sign: ':', start: '火焰', from: 0 });
  assert.deepEqual(at('/ti'), { sign: '/', start: 'ti', from: 0 });
  for (const text of ['', 'a@b', 'me@bob', ':D', 'x:fire', 'at 10:30', 'https://a', 'a /ti', '/ti ', '@bob ']) assert.equal(at(text), null, text);
});

test('emoji are found by their words in both languages', () => {
  assert.equal(EMOJI.length, 72);
  assert.equal(new Set(EMOJI.map(({ sign }) => sign)).size, 72);
  assert.equal(emojiLike('fi')[0].sign, '🔥');
  assert.equal(emojiLike('heart')[0].sign, '❤️', 'the whole word first');
  assert.equal(emojiLike('火')[0].sign, '🔥');
  assert.deepEqual(emojiLike('nosuch'), []);
  assert.deepEqual([emojiNamed('Tada'), emojiNamed('tad')], ['🎉', undefined]);
});
