// The page's modules by what they import: downward only, in no circle, what is there, and nothing that nobody wants.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';

const SITE = new URL('../../src/ui/site/', import.meta.url);
/** From the top. A folder imports from itself and from the floors below. */
const FLOORS = [['app.js'], ['pages', 'studio', 'admin', 'outside'], ['room'], ['components'], ['core'], ['lang', 'livehouse', 'vendor']];
/** What a document begins with. */
const BEGINNINGS = ['app.js', 'outside/embed.js', 'outside/overlay.js'];
/** What others may want: the client is for any page. */
const FOR_ALL = ['livehouse.js'];

const files = readdirSync(SITE, { recursive: true }).filter((file) => /\.m?js$/.test(file) && file !== 'theme.js');
const modules = new Map(files.map((file) => [file, read(file)]));
const imports = [...modules].flatMap(([file, { wants }]) => wants.map((want) => ({ file, ...want })));

function read(file) {
  if (file.startsWith('vendor/')) return { wants: [], exports: ['default'] };
  const text = readFileSync(new URL(file, SITE), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
  const target = (name) => posix.join(posix.dirname(file), name);
  const fixed = [...text.matchAll(/^import (.+) from '(.+)';$/gm)].map(([, names, from]) => ({ to: target(from), names: named(names, text) }));
  assert.equal(fixed.length, (text.match(/^import\b/gm) || []).length, `${file} has an import that this test cannot read`);
  const later = [...text.matchAll(/\bimport\('(.+?)'\)/g)].map(([, from]) => ({ to: target(from), names: null }));
  const made = [...text.matchAll(/^export (?:async )?(?:class|const|function|let) (\w+)/gm)].map(([, name]) => name);
  const passedOn = [...text.matchAll(/^export \{ (.+) \};$/gm)].flatMap(([, names]) => names.split(', '));
  const whole = /^export default\b/m.test(text) ? ['default'] : [];
  return { wants: [...fixed, ...later], exports: [...made, ...passedOn, ...whole] };
}

/** The exports that an import clause wants: `{ a, b }`, `all`, or `* as all`, of which those that are called. */
function named(clause, text) {
  const star = /^\* as (\w+)$/.exec(clause);
  if (star) return [...text.matchAll(new RegExp(`\\b${star[1]}\\.(\\w+)\\(`, 'g'))].map(([, name]) => name);
  const list = /^\{ (.+) \}$/.exec(clause);
  return list ? list[1].split(', ').map((name) => name.split(' as ')[0]) : ['default'];
}

const folder = (file) => (file.includes('/') ? file.split('/')[0] : file.replace('livehouse.js', 'livehouse'));
const floor = (file) => FLOORS.findIndex((folders) => folders.includes(folder(file)));

test('every module has its floor, and imports from no floor above', () => {
  for (const file of files) assert.notEqual(floor(file), -1, `${file} is on no floor`);
  const upward = imports.filter(({ file, to }) => folder(file) !== folder(to) && floor(to) <= floor(file));
  assert.deepEqual(upward.map(({ file, to }) => `${file} -> ${to}`), []);
});

test('no module imports itself, by whatever way', () => {
  const done = new Set();
  const walk = (file, way) => {
    assert.ok(!way.includes(file), `a circle: ${[...way, file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const { to } of modules.get(file)?.wants ?? []) walk(to, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

test('what is imported is there', () => {
  for (const { file, to, names } of imports) {
    assert.ok(modules.has(to), `${file} imports ${to}, which is not there`);
    for (const name of names || []) assert.ok(modules.get(to).exports.includes(name), `${file} imports ${name}, which ${to} does not have`);
  }
  for (const document of ['index.html', 'embed.html', 'overlay.html', 'manifest.webmanifest']) {
    const shell = readFileSync(new URL(document, SITE), 'utf8');
    for (const [, file] of shell.matchAll(/"\{\{assets\}\}\/(.+?)"/g)) assert.ok(existsSync(new URL(file, SITE)), `${document} names ${file}, which is not there`);
  }
});

test('what is exported is wanted, and every module is reached', () => {
  for (const [file, { exports }] of modules) {
    const wanted = imports.filter(({ to }) => to === file);
    if (!BEGINNINGS.includes(file) && !FOR_ALL.includes(file)) assert.notEqual(wanted.length, 0, `nobody imports ${file}`);
    if (FOR_ALL.includes(file) || wanted.some(({ names }) => names === null)) continue;
    const names = new Set(wanted.flatMap((want) => want.names));
    assert.deepEqual(exports.filter((name) => !names.has(name)), [], `${file} exports what nobody imports`);
  }
});

test('what is shown in frames and over pictures knows no account, and no way to log in', () => {
  const reached = new Set();
  const walk = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { to } of modules.get(file)?.wants ?? []) walk(to);
  };
  BEGINNINGS.filter((file) => file.startsWith('outside/')).forEach(walk);
  assert.ok(reached.has('room/state.js') && reached.has('room/player/player.js'), 'it was walked');
  for (const file of ['core/session.js', 'core/lease.js', 'components/login.js', 'room/composer.js']) assert.ok(!reached.has(file), file);
});
