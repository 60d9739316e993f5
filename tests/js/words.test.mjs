// Words in two languages, and numbers and times as each writes them.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import './support.mjs';
import { ago, count, countdown, duration, explain, language, lasting, speak, t } from '../../src/ui/site/core/i18n.js';
import en from '../../src/ui/site/lang/en.js';
import zh from '../../src/ui/site/lang/zh.js';

const SITE = new URL('../../src/ui/site/', import.meta.url);
const places = (text) => [...new Set(String(text).match(/\{\w+\}/g))].sort();

afterEach(() => speak('en'));

test('both languages have the same words, with the same places to fill', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) assert.deepEqual(places(zh[key]), places(text), key);
});

test('every word that a module names is there', () => {
  const files = readdirSync(SITE, { recursive: true }).filter((file) => file.endsWith('.js'));
  const named = files.flatMap((file) => [...readFileSync(new URL(file, SITE), 'utf8').matchAll(/\bt\('([^']+)'/g)].map(([, key]) => key));
  assert.ok(named.length > 200);
  assert.deepEqual(named.filter((key) => !(key in en)), []);
});

test('a text is filled, and its number chooses its form', async () => {
  assert.equal(t('found', { q: 'a {n}' }), 'Results for “a {n}”');
  assert.deepEqual([t('viewers', { n: 1 }), t('viewers', { n: 0 }), t('viewers', { n: 1234 })], ['1 viewer', '0 viewers', '1,234 viewers']);
  assert.equal(t('no.such.word'), 'no.such.word');
  await speak('zh-CN');
  assert.deepEqual([language(), document.documentElement.lang, localStorage.getItem('livehouse.lang')], ['zh-CN', 'zh-CN', 'zh-CN']);
  assert.notEqual(t('home'), en.home);
  assert.ok(t('viewers', { n: 12_345 }).includes('1.2万'));
});

test('a refusal is told in words, and in the server\'s own where the code says too little', async () => {
  assert.equal(explain({ code: 'slow_mode', detail: 'wait' }), 'Slow mode is on.');
  assert.equal(explain({ code: 'conflict', detail: 'The poll is closed.' }), 'The poll is closed.');
  assert.equal(explain({ code: 'conflict' }), 'Someone else was faster.');
  assert.equal(explain({ code: 'from_the_future', detail: 'Something new.' }), 'Something new.');
  assert.equal(explain({}), 'Something went wrong on the server.');
  assert.equal(explain({ code: 'slow_mode', retryAfterMs: 3000 }), 'Slow mode is on. Try again in 3 seconds.');
  await speak('zh-CN');
  assert.equal(explain({ code: 'conflict' }), zh['code.conflict']);
  assert.ok(explain({ code: 'conflict', detail: 'The poll is closed.' }).startsWith(zh['code.conflict']));
  assert.ok(explain({ code: 'conflict', detail: 'The poll is closed.' }).includes('The poll is closed.'));
});

test('a wait is said as people say it', () => {
  const said = [[1, '1 second'], [1001, '2 seconds'], [45_000, '45 seconds'], [57_000, 'a minute'], [150_000, 'about 3 minutes'], [36e5, 'about an hour'], [864e5 * 2, 'about 2 days']];
  for (const [ms, words] of said) assert.equal(lasting(ms), words);
});

test('a length of time is hours, minutes and seconds', () => {
  const said = [[-5, '0:00'], [0, '0:00'], [9_999, '0:09'], [65_000, '1:05'], [600_000, '10:00'], [3_725_000, '1:02:05'], [360_000_000, '100:00:00']];
  for (const [ms, text] of said) assert.equal(duration(ms), text);
  assert.equal(countdown(65_000), '1:05');
  assert.equal(countdown(864e5 + 65_000), '1 day 1:05');
});

test('numbers and times are written as the language writes them', () => {
  assert.deepEqual([0, 999, 1234, 9999, 12_345, undefined].map(count), ['0', '999', '1,234', '9,999', '12.3K', '0']);
  const now = Date.parse('2026-05-01T20:00:00Z');
  assert.equal(ago('2026-05-01T17:00:00Z', now), '3 hours ago');
  assert.equal(ago('2026-05-03T20:00:00Z', now), 'in 2 days');
  assert.equal(ago('2026-05-01T20:00:00Z', now), 'now');
});
