// Shows the page that the address means. Pages are modules with `open(place, params)`; which there are, it is told.
import { siteName } from './brand.js';
import { lifetime } from './dom.js';
import { match } from './routes.js';

let outlet = null;
let routes = [];
let life = null;
let turn = 0;
let shown = null; // a change after `#` alone is the page's own business
let hash = ''; // what stands there now
let leaving = () => {};
let isAsking = false;
let named = ''; // the page, in the title
let ask = null; // before the page goes, where something would end with it
const address = () => location.pathname + location.search;

/**
 * Starts routing into `element` and follows links within the site; `pages`: `[[pattern, () => page], …]`, one for each address;
 * `left` is called when a page goes, with whether another address takes its place.
 */
export function route(element, pages, left) {
  [outlet, routes, leaving] = [element, pages, left];
  addEventListener('popstate', turned);
  document.addEventListener('click', follow);
  return redraw();
}

/** Has `may` asked before the page goes, for as long as `during` lasts: it resolves to whether that is meant. */
export function guard(during, may) {
  ask = may;
  during.add(() => (ask = null));
}

/** Whether the page may go, or be drawn anew; not by another way while it is being asked. */
export async function mayLeave() {
  if (!ask) return true;
  if (isAsking) return false;
  isAsking = true;
  return ask().finally(() => (isAsking = false));
}

/** Goes to an address of this site; nobody is asked where they were already, or where nothing is left to stay for: `isAsked`. */
export async function go(path, { replace = false, isAsked = false } = {}) {
  if (ask && !isAsked && !(await mayLeave())) return;
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  await redraw({ fresh: true });
}

/** Back or forward: the address has changed already, and is as it was until it is known that this is meant. */
function turned() {
  const wanted = address();
  const behind = location.hash;
  if (wanted === shown) return (hash = behind);
  if (!ask) return redraw();
  history.pushState(null, '', shown + hash);
  return go(wanted + behind);
}

/** Names the page in the title; without a text, as it was named before. */
export function title(text = named) {
  named = text;
  document.title = text ? `${text} · ${siteName()}` : siteName();
}

/** Draws the current page anew (another language, another account), or a `fresh` one from its top. */
export async function redraw({ fresh = false } = {}) {
  const mine = ++turn;
  leaving(address() !== shown);
  [shown, hash] = [address(), location.hash];
  const { page, params } = match(routes, location.pathname);
  const { open } = await page();
  if (mine !== turn) return;
  life?.end();
  life = lifetime();
  outlet.replaceChildren();
  outlet.className = 'main';
  if (fresh) scrollTo(0, 0);
  await open({ main: outlet, life, current: () => mine === turn }, params);
  if (fresh && mine === turn) outlet.focus({ preventScroll: true });
}

/** Draws a page from what `read` answers, or says why it does not; neither where the reader has gone on meanwhile. */
export async function arrive(place, read, draw, refuse) {
  try {
    const answer = await read();
    if (place.current()) draw(answer);
  } catch (error) {
    if (place.current()) refuse(error);
  }
}

function follow(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button !== 0 || link.target || link.hasAttribute('download')) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.hash || url.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(url.pathname + url.search);
}
