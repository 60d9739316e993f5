// What the tests share: the little that pure modules ask of a browser, a clock that stands, a server that is asked by `fetch`.
import { webcrypto } from 'node:crypto';
import { mock } from 'node:test';

function storage() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, String(value)), removeItem: (key) => kept.delete(key), clear: () => kept.clear() };
}

const page = new EventTarget();
const browser = {
  addEventListener: page.addEventListener.bind(page),
  crypto: webcrypto,
  dispatchEvent: page.dispatchEvent.bind(page),
  document: { documentElement: { lang: 'en', dataset: {} } },
  localStorage: storage(),
  location: new URL('https://house.example/'),
  navigator: {},
  sessionStorage: storage(),
};
for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

/** Timers and `performance.now` stand until `mock.restoreAll`; gives the way to let time pass. */
export function stopClock() {
  const due = new Map(); // id -> {at, every, f}
  let [now, ids] = [1_000_000, 0];
  const set = (repeats) => (f, ms = 0) => due.set(++ids, { at: now + ms, every: repeats && ms, f }) && ids;
  const clear = (id) => due.delete(id);
  const first = () => [...due].reduce((a, b) => (b[1].at < a[1].at ? b : a), [0, { at: Infinity }]);
  const mocked = { setTimeout: set(false), setInterval: set(true), clearTimeout: clear, clearInterval: clear };
  for (const [name, f] of Object.entries(mocked)) mock.method(globalThis, name, f);
  mock.method(performance, 'now', () => now);
  return (ms) => {
    const end = now + ms;
    for (let [id, timer] = first(); timer.at <= end; [id, timer] = first()) {
      now = timer.at;
      if (timer.every) timer.at += timer.every;
      else due.delete(id);
      timer.f();
    }
    now = end;
  };
}

/** Lets everything happen that needs no time. */
export async function settle() {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

export const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
export const problem = (status, code, headers = {}) => new Response(JSON.stringify({ code, detail: code }), { status, headers });

/** A server: `routes` has a response, or a function that makes one, for each `GET /api/v1/…`; gives the calls as they come. */
export function serve(routes) {
  const calls = [];
  globalThis.fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url, browser.location);
    const name = `${init.method} ${pathname.replace('/api/v1', '')}`;
    calls.push({ name, search: Object.fromEntries(searchParams), headers: init.headers, body: init.body === undefined ? undefined : JSON.parse(init.body) });
    const found = routes[name];
    if (!found) throw new TypeError('no network');
    return typeof found === 'function' ? found(calls.at(-1), init) : found.clone();
  };
  return calls;
}
