// The front door: what is live, what comes, what is over, whom one follows; found by words and tags. It changes by itself.
import { h, fill } from '../core/dom.js';
import { all, get, query } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { coming, followed, over } from '../core/programme.js';
import { go, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { rulesOfSite, visitorOf } from '../core/visitor.js';
import { followingRow } from '../components/following.js';
import { empty } from '../components/live.js';
import { Shelf, onward } from '../components/shelf.js';
import { mostUsed, tagLink } from '../components/tags.js';
import { invitation, welcome } from '../components/welcome.js';

const REFRESH_MS = 10_000;
const PEOPLE_MAX = 100;
/** With fewer cards than this a page still says what there is to do. */
const FEW = 4;

export async function open(place) {
  title('');
  const params = new URLSearchParams(location.search);
  const asked = { q: params.get('q'), tag: params.get('tag') };
  const page = h('div', { class: 'home' });
  place.main.append(page);
  const refresh = asked.q || asked.tag ? found(page, asked) : front(page);
  place.life.add(onSession(() => go(location.pathname + location.search, { replace: true })));
  place.life.seen(REFRESH_MS, refresh);
  place.life.listen(document, 'visibilitychange', () => document.visibilityState === 'visible' && refresh());
  await refresh();
}

/** The page without a search: what is live, what comes next, what is over; the first of these begins with a big card. */
function front(page) {
  const tags = h('nav', { class: 'tag-bar', 'aria-label': t('tags') });
  const people = followingRow();
  const live = new Shelf(t('live.now'), { limit: 12 });
  const next = new Shelf(t('coming.up'), { limit: 8 });
  const past = new Shelf(t('recent'), { limit: 8 });
  const hint = h('div', { hidden: true });
  const shelves = [live, next, past];
  fill(page, h('h1', { class: 'sr' }, 'Livehouse'), people.element, tags, shelves.map(({ element }) => element), hint, foot());
  const whom = once(() => all('/users/me/following', PEOPLE_MAX));
  return reading(live, async () => {
    const calls = [
      list({ status: 'live', sort: 'viewers', limit: 60 }),
      list({ status: 'scheduled', sort: 'starts', limit: 100 }),
      list({ status: 'scheduled', limit: 24 }), // those without a time are in no order of times
      list({ status: 'ended', limit: 24 }),
      me() ? whom() : [],
      me() ? list({ following: true, status: 'live', limit: 60 }) : [],
    ];
    const [on, timed, newest, ended, follows, theirs] = await Promise.all(calls);
    const lists = [on, coming([...timed, ...newest]), over(ended)];
    shelves.forEach((shelf, at) => shelf.show(lists[at]));
    const first = shelves.find(({ size }) => size);
    for (const shelf of shelves) shelf.feature(shelf === first);
    people.show(followed(follows, theirs));
    drawTags(tags, lists.flat());
    await advise(hint, shelves.reduce((n, { size }) => n + size, 0));
  });
}

/** The way to what explains the site; the book is a document without scripts, so the browser goes there by itself. */
function foot() {
  return h('footer', { class: 'home-foot muted small' }, h('a', { class: 'link', href: '/docs/book', target: '_self', hreflang: 'en' }, t('book')), h('a', { class: 'link', href: '/docs' }, t('api')));
}

/** Says what there is to do where there is nothing, or little, to see. */
async function advise(hint, shown) {
  const kind = shown === 0 ? 'welcome' : shown < FEW ? 'invitation' : null;
  if (hint.dataset.shown === String(kind)) return;
  hint.dataset.shown = kind;
  const visitor = kind && visitorOf(me(), await rulesOfSite());
  fill(hint, kind === 'welcome' ? welcome(visitor) : kind && invitation(visitor));
  hint.hidden = !hint.firstChild;
}

/** What a search finds, live streams first. */
function found(page, asked) {
  const shelf = new Shelf(asked.tag ? `#${asked.tag}` : t('found', { q: asked.q }));
  const none = h('div', { hidden: true }, empty('search', t('found.none'), t('found.none.text'), h('a', { class: 'button quiet', href: '/' }, t('home'))));
  const order = { live: 0, scheduled: 1, ended: 2 };
  const streams = onward(asked, (items) => {
    shelf.show([...items].sort((a, b) => order[a.status] - order[b.status]));
    none.hidden = items.length > 0;
  });
  fill(page, h('h1', { class: 'sr' }, t('search')), shelf.element, none, streams.element);
  return reading(shelf, streams.refresh);
}

/** The way to read a page anew; `shelf` says where it never came. */
function reading(shelf, read) {
  shelf.wait();
  return () => read().catch((error) => shelf.filled || shelf.fail(explain(error)));
}

const list = async (params) => (await get(query('/streams', params))).items;

function drawTags(bar, streams) {
  const most = mostUsed(streams.flatMap((s) => s.tags), 14);
  if (bar.dataset.shown === most.join('\n')) return;
  bar.dataset.shown = most.join('\n');
  fill(bar, most.map((tag) => tagLink(tag, 'chip')));
}

/** The same answer for every call, once there is one. */
function once(read) {
  let known = null;
  return async () => (known ??= await read());
}
