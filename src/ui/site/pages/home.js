// The front door: what is live, what comes, what one follows; found by words and tags. What is live changes by itself.
import { h, fill } from '../core/dom.js';
import { get, query } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { createStream } from '../components/create.js';
import { empty } from '../components/live.js';
import { Shelf, onward } from '../components/shelf.js';
import { mostUsed, tagLink } from '../components/tags.js';

const REFRESH_MS = 10_000;

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

/** The page without a search. */
function front(page) {
  const tags = h('nav', { class: 'tag-bar', 'aria-label': t('tags') });
  const live = new Shelf(t('live.now'), { className: 'featured', limit: 12 });
  const following = new Shelf(t('following'), { limit: 8 });
  const soon = new Shelf(t('coming.up'), { limit: 8 });
  const past = new Shelf(t('recent'), { limit: 8 });
  const nothing = h('div', { hidden: true });
  fill(page, h('h1', { class: 'sr' }, 'Livehouse'), tags, following.element, live.element, nothing, soon.element, past.element);
  return reading(live, async () => {
    const calls = [
      list({ status: 'live', sort: 'viewers', limit: 60 }),
      list({ status: 'scheduled', sort: 'starts', limit: 24 }),
      list({ status: 'ended', limit: 24 }),
      me() ? list({ following: true, limit: 24 }) : [],
    ];
    const [on, next, over, followed] = await Promise.all(calls);
    const first = followed.filter((s) => s.status !== 'ended');
    const isOther = ({ id }) => !first.some((s) => s.id === id);
    following.show(first);
    // No card stands twice.
    live.show(on.filter(isOther));
    soon.show(next.filter(isOther));
    past.show(over);
    drawTags(tags, [...on, ...next, ...over]);
    welcome(nothing, on, next);
  });
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

function welcome(box, live, next) {
  box.hidden = live.length > 0;
  if (box.hidden || box.children.length) return;
  box.append(empty('video', t(next.length ? 'quiet' : 'nothing'), t('nothing.text'),
    h('button', { class: 'button primary', onclick: () => createStream('register') }, t('create'))));
}
