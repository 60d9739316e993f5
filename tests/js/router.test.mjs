// Pages come and go with the address: what is asked before, and what goes with them.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle } from './support.mjs';
import { go, guard, redraw, route } from '../../src/ui/site/core/router.js';

const outlet = { replaceChildren() {}, focus() {} };
const visited = []; // addresses, the last is where one is
let left; // of each page that went: whether another took its place
let life;
const here = () => globalThis.location.pathname + globalThis.location.hash;

function to(address) {
  visited.push(address);
  globalThis.location = new URL(address, 'https://house.example');
}

/** As the browser does: the address first, then the page is told. */
async function back() {
  visited.pop();
  globalThis.location = new URL(visited.at(-1), 'https://house.example');
  dispatchEvent(new Event('popstate'));
  await settle();
}

globalThis.history = { pushState: (_state, _title, address) => to(address), replaceState: (_state, _title, address) => visited.pop() && to(address) };
globalThis.scrollTo = () => {};
document.addEventListener = () => {};
to('/');
await route(outlet, [[/^/, async () => ({ open: (place) => ({ life } = place) })]], (isElsewhere) => left.push(isElsewhere), left = []);

beforeEach(async () => {
  await go('/', { isAsked: true });
  await go('/studio#broadcast');
  left = [];
});

test('a page that goes is told of, and whether another takes its place', async () => {
  await go('/a');
  await redraw();
  await back();
  assert.deepEqual([left, here()], [[true, false, true], '/studio#broadcast']);
});

test('who stays has the address as it was, with what stands after the sign', async () => {
  guard(life, async () => false);
  await back();
  assert.deepEqual([here(), left], ['/studio#broadcast', []]);
  // A link within the page: the browser tells of that by the same event.
  to('/studio#people');
  dispatchEvent(new Event('popstate'));
  visited.splice(-2, 1);
  await back();
  assert.deepEqual([here(), left], ['/studio#people', []]);
});

test('who goes goes where he wanted', async () => {
  await go('/docs#end');
  await go('/studio');
  guard(life, async () => true);
  await back();
  assert.deepEqual([here(), left.at(-1)], ['/docs#end', true]);
});

test('nobody is asked to stay where there is nothing left', async () => {
  let times = 0;
  guard(life, async () => (times += 1) < 0);
  await go('/a');
  assert.deepEqual([times, here()], [1, '/studio#broadcast']);
  await go('/', { isAsked: true });
  assert.deepEqual([times, here(), left], [1, '/', [true]]);
});
