// A titled row of stream cards that changes in place: a card stays the same element while its numbers move.
import { h, fill } from '../core/dom.js';
import { Pages } from '../core/api.js';
import { ago, t, when } from '../core/i18n.js';
import { avatar, cover } from './cover.js';
import { icon } from './icons.js';
import { badge, nameOf, skeleton, viewers } from './live.js';
import { tried } from './overlay.js';
import { poster } from './posters.js';
import { tagLink } from './tags.js';

let serial = 0;

export class Shelf {
  #cards = new Map(); // id -> {element, update}
  #grid = h('ul', { class: 'grid' });
  /** A place beside the heading. */
  aside = h('div', { class: 'shelf-aside' });

  constructor(heading, { className = '', limit = Infinity } = {}) {
    const id = `shelf-${++serial}`;
    this.limit = limit;
    this.filled = false;
    this.element = h('section', { class: `shelf ${className}`, 'aria-labelledby': id, hidden: true },
      h('div', { class: 'shelf-head' }, h('h2', { id }, heading), this.aside), this.#grid);
  }

  /** Shapes until the answer comes. */
  wait(n = 4) {
    this.element.hidden = false;
    fill(this.#grid, Array.from({ length: n }, () => h('li', null, skeleton('card-skeleton'))));
  }

  fail(text) {
    fill(this.#grid, h('li', { class: 'problem' }, text));
  }

  show(streams) {
    if (!this.filled) this.#grid.replaceChildren();
    this.filled = true;
    const shown = streams.slice(0, this.limit);
    const ids = new Set(shown.map((s) => s.id));
    for (const [id, { element }] of this.#cards) {
      if (!ids.has(id)) {
        element.remove();
        this.#cards.delete(id);
      }
    }
    shown.forEach((stream, at) => this.#put(stream, at));
    this.#grid.dataset.n = shown.length;
    this.element.hidden = shown.length === 0;
  }

  /** Whether its first card is a big one. */
  feature(isFeatured) {
    this.element.classList.toggle('featured', isFeatured);
  }

  /** How many cards it shows. */
  get size() {
    return this.#cards.size;
  }

  #put(stream, at) {
    let one = this.#cards.get(stream.id);
    if (one) one.update(stream);
    else this.#cards.set(stream.id, (one = card(stream)));
    const there = this.#grid.children[at];
    if (there !== one.element) this.#grid.insertBefore(one.element, there || null);
  }
}

/** The streams of a list, read on when wanted: gives the way to load it anew, and the button that goes on. */
export function onward(params, draw) {
  let pages = null;
  const button = h('button', { class: 'button quiet', hidden: true, onclick: () => tried(() => next(pages)) }, t('more'));
  const next = async (from) => {
    const items = await from.more();
    pages = from;
    button.hidden = pages.done;
    draw(items);
  };
  // What was read on stays as it is: it would jump under the reader.
  const refresh = async () => (pages && pages.items.length > pages.params.limit ? null : next(new Pages('/streams', { ...params, limit: 100 })));
  return { refresh, element: h('div', { class: 'row center' }, button) };
}

/** One stream as a card. */
function card(stream) {
  const over = h('div', { class: 'card-over' });
  const moving = h('div', { class: 'card-moving' });
  const name = h('span');
  const meta = h('div', { class: 'card-meta' });
  const about = h('p', { class: 'card-about', dir: 'auto' });
  const tags = h('div', { class: 'card-tags' });
  const link = h('a', { class: 'card-link', href: `/s/${stream.id}` }, name);
  const host = stream.host;
  const element = h('li', { class: 'card' },
    h('div', { class: 'card-cover' }, cover(stream.id), moving, over),
    h('div', { class: 'card-text' }, avatar(host, 38),
      h('div', { class: 'card-words' }, h('h3', null, link), h('a', { class: 'card-host', href: `/u/${encodeURIComponent(host.username)}` }, nameOf(host)), meta, about, tags)));
  const update = (s) => {
    name.textContent = s.title;
    name.dir = 'auto';
    fill(over, badge(s), s.status === 'live' && viewers(s.viewers), s.visibility !== 'public' && h('span', { class: 'badge dim' }, t(`visibility.${s.visibility}`)));
    const hasPicture = s.status === 'live' && ['live', 'stalled'].includes(s.picture?.state);
    if (hasPicture !== Boolean(moving.firstChild)) fill(moving, hasPicture && poster(s));
    fill(meta, summary(s));
    about.textContent = s.description;
    fill(tags, s.tags.slice(0, 3).map((tag) => tagLink(tag)));
  };
  update(stream);
  return { element, update };
}

function summary(s) {
  if (s.status === 'live') return t('since', { ago: ago(s.started_at) });
  if (s.status === 'scheduled') return s.scheduled_for ? when(s.scheduled_for) : t('not.yet');
  return [ago(s.ended_at), ' · ', t('comments', { n: s.comment_count }), s.comment_count > 0 && h('span', { class: 'card-replay' }, icon('play', 14), t('replay.watch'))];
}
