// Decides by the address which page shows. Pages are modules with `open(place, params)`, loaded when first wanted.
import { missing, part } from '../components/load.js';
import { lifetime } from './dom.js';

const ROUTES = [
  [/^\/$/, () => import('../pages/home.js')],
  [/^\/s\/([^/]+)$/, () => import('../room/page.js')],
  [/^\/s\/([^/]+)\/studio$/, () => import('../studio/page.js')],
  [/^\/u\/([^/]+)$/, () => import('../pages/profile.js')],
  [/^\/account$/, () => import('../pages/account.js')],
  [/^\/docs$/, () => import('../pages/docs.js')],
];

let outlet = null;
let life = null;
let turn = 0;
let shown = null; // a change after `#` alone is the page's own business
const address = () => location.pathname + location.search;

/** Starts routing into `element` and follows links within the site. */
export function route(element) {
  outlet = element;
  addEventListener('popstate', () => address() !== shown && show());
  document.addEventListener('click', follow);
  return show();
}

/** Goes to an address of this site. */
export function go(path, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  return show({ fresh: true });
}

/** Draws the current page anew (another language, another account). */
export function redraw() {
  return show();
}

/** Names the page in the title. */
export function title(text) {
  document.title = text ? `${text} · Livehouse` : 'Livehouse';
}

async function show({ fresh = false } = {}) {
  const mine = ++turn;
  shown = address();
  const page = await load();
  if (mine !== turn) return;
  life?.end();
  life = lifetime();
  const place = { main: outlet, life, current: () => mine === turn };
  outlet.replaceChildren();
  outlet.className = 'main';
  if (!page.module) return outlet.append(missing());
  if (fresh) scrollTo(0, 0);
  await page.module.open(place, page.params);
  if (fresh && mine === turn) outlet.focus({ preventScroll: true });
}

async function load() {
  for (const [pattern, module] of ROUTES) {
    const found = pattern.exec(location.pathname);
    const params = found && decoded(found.slice(1));
    if (params) return { module: await part(module, () => {}), params };
  }
  return { module: await part(() => import('../pages/lost.js'), () => {}), params: [] };
}

/** The variable parts of an address, or null where they are no text. */
function decoded(parts) {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null;
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
