// One tab at a time, where the browser has no locks: a module loaded twice is two tabs of one browser.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import './support.mjs';
import { kept } from '../../src/ui/site/core/prefs.js';

const KEY = 'livehouse.lease.work';
let tabs = 0;
const tab = () => import(`../../src/ui/site/core/lease.js?tab=${++tabs}`);
const turn = () => new Promise(setImmediate);

beforeEach(() => {
  localStorage.clear();
  delete globalThis.navigator.locks;
});

test('two tabs do the same work one after the other, also after one that failed', async () => {
  const log = [];
  const work = (name) => async () => {
    log.push(`${name} begins`);
    for (let n = 0; n < 20; n++) await turn();
    log.push(`${name} ends`);
    if (name === 'first') throw new Error('failed');
    return name;
  };
  const [first, second] = [await tab(), await tab()];
  const both = await Promise.allSettled([first.exclusively('work', work('first')), second.exclusively('work', work('second'))]);
  assert.deepEqual(both.map(({ status, value }) => value ?? status), ['rejected', 'second']);
  assert.equal(log.length, 4);
  for (const at of [0, 2]) assert.equal(log[at].replace('begins', 'ends'), log[at + 1], String(log));
  assert.equal(kept(KEY), null, 'the lease is given back');
});

test('a lease of a tab that is gone ends, and one from no clock of ours is none', async () => {
  const { exclusively } = await tab();
  for (const lease of [{ who: 'gone', until: Date.now() - 1 }, { who: 'gone', until: Date.now() + 864e5 }, 'no lease', null]) {
    localStorage.setItem(KEY, JSON.stringify(lease));
    assert.equal(await exclusively('work', () => 'done'), 'done');
  }
});

test('a lease that another tab holds is waited for', async () => {
  const { exclusively } = await tab();
  localStorage.setItem(KEY, JSON.stringify({ who: 'another', until: Date.now() + 8000 }));
  let done = false;
  const work = exclusively('work', () => (done = true));
  for (let n = 0; n < 50; n++) await turn();
  assert.equal(done, false);
  localStorage.removeItem(KEY);
  await work;
});

test('where nothing is kept the work is done all the same', async () => {
  const { exclusively } = await tab();
  const { getItem } = localStorage;
  localStorage.getItem = () => null;
  try {
    assert.equal(await exclusively('work', () => 'done'), 'done');
  } finally {
    localStorage.getItem = getItem;
  }
});

test('the browser\'s own locks serve where there are some', async () => {
  globalThis.navigator.locks = { request: (name, work) => Promise.resolve(work()).then((answer) => [name, answer]) };
  const { exclusively } = await tab();
  assert.deepEqual(await exclusively('work', () => 'done'), ['work', 'done']);
  assert.equal(kept(KEY), null);
});
