// What comes when: the order of a front page, the days of a schedule, who a visitor is.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import './support.mjs';
import { date, dayName, dayShort, speak, zoneName } from '../../src/ui/site/core/i18n.js';
import { coming, days, followed, over } from '../../src/ui/site/core/programme.js';
import { visitorOf } from '../../src/ui/site/core/visitor.js';

const NOW = Date.parse('2026-05-01T20:00:00.000Z');
const at = (hours) => new Date(NOW + hours * 36e5).toISOString();
const planned = (id, hours) => ({ id, status: 'scheduled', scheduled_for: hours === null ? null : at(hours), created_at: at(-id.length) });
const ids = (streams) => streams.map(({ id }) => id);

afterEach(() => speak('en'));

test('what is to come has its times in order, then what has none, each once, without what was forgotten', () => {
  const lists = [planned('late', -11.9), planned('forgotten', -12.1), planned('b', 2), planned('a', 1), planned('older', null), planned('new', null), planned('a', 1), { id: 'live', status: 'live' }];
  assert.deepEqual(ids(coming(lists, NOW)), ['late', 'a', 'b', 'new', 'older']);
  assert.deepEqual(coming([], NOW), []);
});

test('what is over begins with the latest end', () => {
  const ended = (id, hours) => ({ id, status: 'ended', ended_at: at(hours) });
  assert.deepEqual(ids(over([ended('first', -9), ended('last', -1), planned('next', 1), ended('second', -5)])), ['last', 'second', 'first']);
});

test('a day is the one of the reader', () => {
  const dayOf = (time, zone) => days([{ scheduled_for: time }], zone)[0].day;
  assert.equal(dayOf('2026-05-01T20:00:00Z', 'Asia/Shanghai'), '2026-05-02');
  assert.equal(dayOf('2026-05-01T20:00:00Z', 'America/New_York'), '2026-05-01');
  assert.equal(dayOf('2026-01-01T02:00:00Z', 'America/New_York'), '2025-12-31');
  const streams = [planned('evening', 3), planned('night', 4.5), planned('some day', null)];
  const split = (zone) => days(streams, zone).map(({ day, streams: those }) => [day, ids(those)]);
  assert.deepEqual(split('UTC'), [['2026-05-01', ['evening']], ['2026-05-02', ['night']], [null, ['some day']]]);
  assert.deepEqual(split('Asia/Shanghai'), [['2026-05-02', ['evening', 'night']], [null, ['some day']]]);
});

test('of whom one follows those who are live stand first, with what most are watching', () => {
  const people = ['ana', 'bob', 'chen'].map((username) => ({ username }));
  const stream = (id, username, viewers, status = 'live') => ({ id, status, viewers, host: { username } });
  const row = followed(people, [stream('one', 'chen', 9), stream('two', 'chen', 10), stream('three', 'ana', 99, 'scheduled')]);
  assert.deepEqual(row.map(({ user, live }) => [user.username, live?.id]), [['chen', 'two'], ['ana', undefined], ['bob', undefined]]);
});

test('a visitor is who the site lets them be', () => {
  const rules = { registration: 'open', streams_by: 'everyone' };
  assert.equal(visitorOf(null, rules), 'newcomer');
  assert.equal(visitorOf(null, { ...rules, streams_by: 'granted' }), 'fan');
  assert.equal(visitorOf(null, { ...rules, registration: 'closed' }), 'stranger');
  assert.equal(visitorOf({}, { ...rules, may_host: true }), 'host');
  assert.equal(visitorOf({}, { ...rules, may_host: false }), 'viewer');
  assert.equal(visitorOf({}, rules), 'host', 'where the site does not say');
});

test('days are named as the language names them', async () => {
  const noon = new Date(2026, 4, 1, 12);
  const day = (n) => new Date(2026, 4, n, 23, 59).toISOString();
  assert.deepEqual([1, 2, 3].map((n) => dayName(day(n), noon)), ['today · Friday, May 1', 'tomorrow · Saturday, May 2', 'Sunday, May 3']);
  assert.deepEqual([dayShort(day(2)), date(day(2))], ['Sat, May 2', 'May 2, 2026']);
  assert.match(zoneName(noon), /Time|UTC|GMT/);
  await speak('zh-CN');
  assert.equal(dayName(day(2), noon), '明天 · 5月2日星期六');
});
