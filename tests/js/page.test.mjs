// The page's pure parts that know no room: addresses, links, roles, tags, dates, words, preferences, calls.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { json, problem, serve } from './support.mjs';
import { Pages, all, authorizeWith, call, del, exchange, get, patch, post, query } from '../../src/ui/site/core/api.js';
import { LAST_MINUTE, fromTime, toTime } from '../../src/ui/site/core/dates.js';
import { lifetime } from '../../src/ui/site/core/dom.js';
import { fit } from '../../src/ui/site/core/fit.js';
import { playable, safeHref } from '../../src/ui/site/core/links.js';
import { keep, kept, keptJson, onPrefs, prefer, prefs, setTheme, shownTheme } from '../../src/ui/site/core/prefs.js';
import { dice, tint } from '../../src/ui/site/core/random.js';
import { isStaff, mayBan } from '../../src/ui/site/core/roles.js';
import { match } from '../../src/ui/site/core/routes.js';
import { shownAt } from '../../src/ui/site/components/channel.js';
import { mostUsed, tagsIn } from '../../src/ui/site/components/tags.js';
import { device } from '../../src/ui/site/components/device.js';
import { options } from '../../src/ui/site/outside/options.js';
import { address, sample } from '../../src/ui/site/pages/request.js';
import { schemaName } from '../../src/ui/site/pages/schema.js';
import { changes } from '../../src/ui/site/studio/inherited.js';
import { roundUp, withoutGaps } from '../../src/ui/site/studio/minutes.js';

afterEach(() => authorizeWith({ token: async () => null }));

test('an address is a page, and its variable parts are text', () => {
  const routes = [[/^\/$/, 'home'], [/^\/u\/([^/]+)$/, 'user'], [/^/, 'lost']];
  assert.deepEqual(match(routes, '/'), { page: 'home', params: [] });
  assert.deepEqual(match(routes, '/u/%E5%AE%89'), { page: 'user', params: ['安'] });
  for (const nowhere of ['/u/%', '/u/', '/u/a/b', '/else']) assert.deepEqual(match(routes, nowhere), { page: 'lost', params: [] }, nowhere);
  assert.equal(match([], '/'), null);
});

test('a link leads to this site or to another by https or http, to nothing else', () => {
  for (const good of ['/', '/u/ana', '#begin', 'https://example.org/', 'http://example.org/']) assert.equal(safeHref(good), good);
  for (const bad of ['//evil.example', 'javascript:alert(1)', 'ftp://example.org', 'http:example.org', ' /x', 'data:text/html,x', '']) assert.equal(safeHref(bad), '#', bad);
});

test('what a keyboard leaves of a page is measured, and a reader who looks closer changes nothing', () => {
  const seen = (innerWidth, innerHeight, height, scale = 1) => fit({ innerWidth, innerHeight, visualViewport: { height, scale } });
  assert.deepEqual(fit({ innerWidth: 390, innerHeight: 844 }), { covered: 0, low: false, lowest: false });
  assert.deepEqual(seen(390, 844, 844), { covered: 0, low: false, lowest: false });
  assert.deepEqual(seen(390, 508, 508), { covered: 0, low: true, lowest: false });
  assert.deepEqual(seen(390, 844, 507.6), { covered: 336, low: true, lowest: false });
  assert.deepEqual(seen(360, 640, 380), { covered: 260, low: true, lowest: true });
  assert.deepEqual(seen(844, 390, 390), { covered: 0, low: false, lowest: false });
  assert.deepEqual(seen(844, 390, 190), { covered: 200, low: false, lowest: true });
  assert.deepEqual(seen(390, 844, 400, 2), { covered: 0, low: false, lowest: false });
  assert.equal(seen(390, 844, 850).covered, 0, 'a bar that is drawn in covers nothing');
});

test('a video comes by https or from this site', () => {
  const here = 'http://house.example:8080/s/1';
  assert.equal(playable('https://cdn.example/a.mp4', here), 'https://cdn.example/a.mp4');
  assert.equal(playable('/a.mp4', here), 'http://house.example:8080/a.mp4');
  for (const bad of [null, '', 'http://cdn.example/a.mp4', 'http://house.example/a.mp4', 'javascript:x', 'https://']) assert.equal(playable(bad, here), null, bad);
});

test('staff is banned by the host and admins alone, the host and oneself by nobody', () => {
  const you = (role, can = ['ban']) => ({ role, can, user: { id: 'me' } });
  const them = (role, id = 'them') => ({ id, role });
  assert.deepEqual(['host', 'moderator', 'admin', 'viewer', 'guest', undefined].map(isStaff), [true, true, true, false, false, false]);
  for (const role of ['host', 'admin', 'moderator']) assert.ok(mayBan(you(role), them('viewer')), role);
  for (const role of ['moderator', 'admin']) assert.deepEqual(['host', 'admin', 'moderator'].map((mine) => mayBan(you(mine), them(role))), [true, true, false]);
  assert.ok(!mayBan(you('admin'), them('host')));
  assert.ok(!mayBan(you('host'), them('viewer', 'me')));
  assert.ok(!mayBan(you('viewer', ['comment']), them('viewer')));
  assert.ok(!mayBan(null, them('viewer')));
});

test('the tags that stand most often come first, equal ones by the alphabet', () => {
  assert.deepEqual(mostUsed(['jazz', 'rock', 'ambient', 'rock', 'jazz', 'rock'], 2), ['rock', 'jazz']);
  assert.deepEqual(mostUsed(['b', 'a'], 5), ['a', 'b']);
  assert.deepEqual(tagsIn(' #jazz,live music ，，夜、'), ['jazz', 'live music', '夜']);
});

test('an overlay is as its address says, within bounds, and its key is never in the query', () => {
  const usual = { danmaku: false, size: 24, fadeMs: 0, key: null };
  const read = (written) => options(new URL(written, 'https://house.example/overlay/1'));
  assert.deepEqual(read(''), usual);
  assert.deepEqual(read('?danmaku=1&size=32.5&fade_s=8#key=a.b-c_d'), { danmaku: true, size: 32.5, fadeMs: 8000, key: 'a.b-c_d' });
  for (const nonsense of ['?danmaku=yes&size=big&fade_s=', '?size=&fade_s=NaN', '?size=Infinity', '?key=secret', '#key=', '#secret']) assert.deepEqual(read(nonsense), usual, nonsense);
  assert.deepEqual(read('?size=1&fade_s=-3'), { ...usual, size: 10 });
  assert.deepEqual(read('?size=1000&fade_s=1e9'), { ...usual, size: 96, fadeMs: 3_600_000 });
});

test('the address of a host is what is live, else what comes next, the same for everybody', async () => {
  const channel = { live: null, next: null, last: { id: 'last' } };
  const calls = serve({ 'GET /channels/ana': () => json(channel) });
  authorizeWith({ token: async () => 'secret' });
  assert.equal(await shownAt('ana'), null);
  channel.next = { id: 'next' };
  assert.equal((await shownAt('ana')).id, 'next');
  channel.live = { id: 'live' };
  assert.equal((await shownAt('ana')).id, 'live');
  assert.ok(calls.every(({ headers }) => !headers.authorization));
});

test('a rule is its stream\'s own once it is written there, and the channel\'s again where that is wanted', () => {
  const now = { comments: 'users', slow_mode_s: 30, min_account_age_s: 0, repeat_window_s: 0, links: 'hold', hold_all: false, own: ['links'] };
  const inherited = (names) => Object.fromEntries(Object.keys(now).filter((name) => name !== 'own').map((name) => [`inherit.${name}`, names.includes(name)]));
  const others = ['comments', 'slow_mode_s', 'min_account_age_s', 'repeat_window_s', 'hold_all'];
  assert.deepEqual(changes(now, { ...now, ...inherited(others) }), {});
  assert.deepEqual(changes(now, { ...now, ...inherited([...others, 'links']) }), { links: null });
  const without = inherited(others.filter((name) => name !== 'slow_mode_s'));
  assert.deepEqual(changes(now, { ...now, ...without }), { slow_mode_s: 30 }, 'as it is, but fixed');
  assert.deepEqual(changes(now, { ...now, ...without, slow_mode_s: 5 }), { slow_mode_s: 5 });
  assert.deepEqual(changes(now, { ...now, hold_all: true }), { hold_all: true }, 'a channel inherits nothing');
});

test('a date field is read in this time zone, and not beyond what the API knows', () => {
  assert.equal(toTime('', 'at'), null);
  assert.equal(fromTime(null), '');
  assert.equal(fromTime(toTime('2026-05-01T20:00', 'at')), '2026-05-01T20:00');
  assert.equal(toTime(LAST_MINUTE, 'at').slice(0, 4), '9999');
  for (const far of ['12026-05-01T20:00', '275760-09-13T00:00', '9999-12-31T23:59', 'soon']) {
    assert.throws(() => toTime(far, 'at'), ({ code, fields }) => code === 'invalid_field' && fields[0].field === 'at' && fields[0].detail.includes('9999'), far);
  }
});

test('the same text gives the same colours, and others others', () => {
  const rolled = (text) => Array.from({ length: 5 }, dice(text));
  assert.deepEqual(rolled('a'), rolled('a'));
  assert.notDeepEqual(rolled('a'), rolled('b'));
  assert.ok(rolled('a').every((n) => n >= 0 && n < 1));
  const tints = new Set(Array.from({ length: 200 }, (_, n) => tint(`user ${n}`)));
  assert.deepEqual([...tints].sort((a, b) => a - b), Array.from({ length: 12 }, (_, n) => n));
});

test('preferences have their defaults, are kept and told, also from another tab', () => {
  const told = [];
  const stop = onPrefs((values) => told.push(values.opacity));
  assert.deepEqual([prefs().opacity, prefs().danmaku], [0.9, true]);
  prefer({ opacity: 0.5 });
  assert.equal(JSON.parse(kept('livehouse.prefs')).opacity, 0.5);
  keep('livehouse.prefs', '{"opacity":0.3}');
  dispatchEvent(Object.assign(new Event('storage'), { key: 'another' }));
  assert.deepEqual(told, [0.5]);
  dispatchEvent(Object.assign(new Event('storage'), { key: 'livehouse.prefs' }));
  keep('livehouse.prefs', 'no JSON');
  dispatchEvent(Object.assign(new Event('storage'), { key: 'livehouse.prefs' }));
  stop();
  prefer({ opacity: 1 });
  assert.deepEqual(told, [0.5, 0.3, 0.9]);
});

test('storage that is full or forbidden loses what was to be kept, and no more', () => {
  keep('a', '1', 'sessionStorage');
  assert.deepEqual([kept('a'), kept('a', 'sessionStorage')], [null, '1']);
  keep('a', null, 'sessionStorage');
  assert.equal(kept('a', 'sessionStorage'), null);
  keep('a', '1', 'noStorage');
  assert.equal(kept('a', 'noStorage'), null);
});

test('what was kept as JSON is read, and is empty where none can be read', () => {
  keep('a', '{"b":1}', 'sessionStorage');
  assert.deepEqual([keptJson('a', 'sessionStorage'), keptJson('a')], [{ b: 1 }, {}]);
  for (const text of ['no JSON', 'null', null]) {
    keep('a', text, 'sessionStorage');
    assert.deepEqual(keptJson('a', 'sessionStorage'), {}, text);
  }
  assert.deepEqual(keptJson('a', 'noStorage'), {});
});

test('a theme that was chosen shows, and is kept', () => {
  setTheme('dark');
  assert.deepEqual([shownTheme(), kept('livehouse.theme')], ['dark', 'dark']);
});

test('a view that ends takes back what it began, last things first', () => {
  const [life, ended, target] = [lifetime(), [], new EventTarget()];
  life.add(() => ended.push('first'));
  life.add(() => ended.push('second'));
  life.listen(target, 'x', () => ended.push('heard'));
  target.dispatchEvent(new Event('x'));
  life.end();
  target.dispatchEvent(new Event('x'));
  life.end();
  assert.deepEqual(ended, ['heard', 'second', 'first']);
});

test('parameters that are not there are left out of an address', () => {
  assert.equal(query('/streams', { status: 'live', tag: null, q: '', cursor: undefined, limit: 0 }), '/streams?status=live&limit=0');
  assert.equal(query('/streams', {}), '/streams');
  assert.equal(query('/streams', { q: 'a&b' }), '/streams?q=a%26b');
});

test('a call gives its answer, or throws what the server said', async () => {
  const calls = serve({
    'GET /a': json({ n: 1 }),
    'POST /a': json({ n: 2 }),
    'DELETE /a': () => new Response(null, { status: 204 }),
    'PATCH /a': () => new Response('{"code":"invalid_field","detail":"Too long.","errors":[{"field":"title"}],"retry_after_ms":7}', { status: 422 }),
    'GET /b': () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }),
  });
  assert.deepEqual(await get('/a'), { n: 1 });
  assert.deepEqual(await post('/a'), { n: 2 });
  assert.equal(await del('/a'), null);
  assert.deepEqual(calls.map(({ body, headers }) => [body, headers['content-type']]), [[undefined, undefined], [{}, 'application/json'], [undefined, undefined]]);
  await assert.rejects(patch('/a', {}), ({ message, detail, status, code, fields, retryAfterMs }) => message === 'Too long.' && detail === message && status === 422 && code === 'invalid_field' && fields[0].field === 'title' && retryAfterMs === 7);
  await assert.rejects(get('/b'), { code: 'internal', status: 502, message: 'Bad Gateway' });
  await assert.rejects(get('/nowhere'), { code: 'offline', status: 0 });
});

test('a token that has run out is renewed once, and no guest is made to renew', async () => {
  const asked = [];
  authorizeWith({ token: async ({ force }) => (asked.push(Boolean(force)), force ? 'new' : 'old') });
  const calls = serve({ 'GET /me': ({ headers }) => (headers.authorization === 'Bearer new' ? json({ id: 1 }) : problem(401, 'token_expired')), 'GET /no': () => problem(401, 'unauthenticated') });
  assert.deepEqual(await get('/me'), { id: 1 });
  assert.deepEqual(asked, [false, true]);
  await assert.rejects(call('GET', '/no', undefined, { anonymous: true }), { code: 'unauthenticated' });
  assert.equal(asked.length, 2, 'nobody was asked for a token');
  authorizeWith({ token: async () => null });
  await assert.rejects(get('/me'), { code: 'token_expired' });
  assert.equal(calls.at(-1).headers.authorization, undefined);
});

test('an exchange is given as it was', async () => {
  const calls = serve({ 'PUT /x': () => problem(409, 'conflict'), 'GET /x': json({}) });
  assert.equal((await exchange('PUT', '/api/v1/x', '{}')).status, 409);
  authorizeWith({ token: async () => 'good' });
  await exchange('GET', '/api/v1/x');
  assert.deepEqual(calls.map(({ headers }) => [headers['content-type'], headers.authorization]), [['application/json', undefined], [undefined, 'Bearer good']]);
});

test('a list is read page by page, to its end or to what is enough', async () => {
  const calls = serve({ 'GET /list': ({ search }) => json({ items: [search.cursor ?? 'first'], next_cursor: { undefined: 'b', b: 'c' }[search.cursor] ?? null }) });
  assert.deepEqual(await all('/list'), ['first', 'b', 'c']);
  assert.deepEqual(await all('/list', 2), ['first', 'b']);
  const pages = new Pages('/list', { host: 'ana' });
  assert.deepEqual([...(await pages.more())], ['first']);
  assert.ok(!pages.done);
  await pages.more();
  await pages.more();
  assert.ok(pages.done);
  assert.deepEqual(calls.at(-1).search, { limit: '50', host: 'ana', cursor: 'c' });
});

test('a device is called what a person would call it', () => {
  const of = (agent) => device(agent).name;
  assert.equal(of('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0'), 'Edge · Windows');
  assert.equal(of('Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'), 'Firefox · Linux');
  assert.equal(of('curl/8.5.0'), 'curl');
  assert.equal(of('Mozilla/5.0 (OBS-Studio/31.0.0; Windows x86_64; en-US)'), 'OBS · Windows');
  assert.equal(of('robot '.repeat(20)).length, 60);
  assert.equal(of(null), '—');
  const phone = device('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1');
  assert.deepEqual(phone, { name: 'Safari · iPhone', phone: true });
});

test('a schema has a short name', () => {
  const names = [
    [{ type: 'string', format: 'uuid' }, 'string (uuid)'], [{ $ref: '#/components/schemas/Comment' }, 'Comment'], [{ type: 'array', items: { $ref: '#/a/Poll' } }, 'Poll[]'],
    [{ type: ['string', 'null'] }, 'string | null'], [{ oneOf: [{ type: 'null' }, { $ref: '#/a/Poll' }] }, 'null | Poll'], [{ enum: ['a', 'b'] }, '"a" | "b"'],
    [{ const: 'x' }, '"x"'], [{ allOf: [{ $ref: '#/a/A' }, { $ref: '#/a/B' }] }, 'A & B'], [{}, 'object'], [true, ''], [undefined, ''],
  ];
  for (const [schema, name] of names) assert.equal(schemaName(schema), name);
});

test('a call is made of what was filled in, and its body of an example', () => {
  const filled = (where, name, value) => ({ parameter: { in: where, name }, value });
  const every = [filled('path', 'id', 'a/b'), filled('query', 'q', 'x&y'), filled('query', 'limit', '')];
  assert.equal(address('/streams/{id}/comments', every), '/streams/a%2Fb/comments?q=x%26y');
  assert.equal(address('/streams/{id}', every.slice(0, 1)), '/streams/a%2Fb');
  const api = { components: { schemas: { Body: { required: ['title'] }, Shown: { examples: [{ title: 'Jam' }] } } } };
  const of = (schema) => JSON.parse(sample(schema, api));
  assert.deepEqual([of({ $ref: '#/x/Body' }), of({ oneOf: [{ type: 'null' }, { $ref: '#/x/Shown' }] }), of({ oneOf: [{ type: 'null' }] })], [{ title: '' }, { title: 'Jam' }, {}]);
});

test('minutes without anything are zero in the graph, and its scale is round', () => {
  const at = (minute) => `2026-05-01T20:0${minute}:00Z`;
  const points = withoutGaps([{ minute: at(4), viewers: 1, comments: 2 }, { minute: at(1), viewers: 3, comments: 4 }]);
  assert.deepEqual(points.map((p) => [new Date(p.at).getUTCMinutes(), p.viewers, p.comments]), [[1, 3, 4], [2, 0, 0], [3, 0, 0], [4, 1, 2]]);
  assert.deepEqual(withoutGaps([]), []);
  assert.deepEqual([1, 3, 4.5, 7, 10, 11, 350, 4001].map(roundUp), [1, 4, 5, 10, 10, 20, 400, 5000]);
});
