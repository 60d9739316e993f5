// Somebody's page: who it is, what they say of themselves, and what they stream.
import { h, fill } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { explain, t, when } from '../core/i18n.js';
import { arrive, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { avatar, cover } from '../components/cover.js';
import { createStream } from '../components/create.js';
import { followButton } from '../components/follow.js';
import { empty, nameOf } from '../components/live.js';
import { Shelf, onward } from '../components/shelf.js';

const REFRESH_MS = 15_000;

export function open(place, [name]) {
  return arrive(place, () => get(`/channels/${piece(name)}`), (channel) => draw(place, channel), (error) => {
    title(t('user.missing'));
    fill(place.main, empty('user', error.status === 404 ? t('user.missing') : explain(error), null, h('a', { class: 'button primary', href: '/' }, t('home'))));
  });
}

function draw(place, { user, bio, links, followers }) {
  title(user.display_name);
  const shelves = { live: new Shelf(t('live.now')), scheduled: new Shelf(t('coming.up')), ended: new Shelf(t('past')) };
  const none = h('div', { hidden: true });
  const actions = h('div', { class: 'profile-actions row' });
  const follow = followButton(user, place.life);
  const mine = () => me()?.id === user.id;
  fill(place.main,
    h('div', { class: 'profile-banner' }, cover(user.id)),
    h('div', { class: 'profile' },
      h('div', { class: 'profile-head' }, avatar(user, 104),
        h('div', { class: 'profile-words' }, h('h1', null, nameOf(user)), h('p', { class: 'muted' }, '@', h('bdi', null, user.username), ' · ', t('joined', { time: when(user.created_at) }), ' · ', t('followers', { n: followers }))), actions),
      about(bio, links),
      Object.values(shelves).map((shelf) => shelf.element), none));
  const streams = onward({ host: user.username }, (items) => {
    for (const [status, shelf] of Object.entries(shelves)) shelf.show(items.filter((s) => s.status === status));
    none.hidden = items.length > 0;
    if (!none.hidden && !none.firstChild) none.append(empty('video', t('user.quiet'), mine() ? t('nothing.text') : null, mine() && createButton()));
  });
  place.main.append(h('div', { class: 'profile' }, streams.element));
  place.life.seen(REFRESH_MS, () => streams.refresh().catch(() => {}));
  const drawActions = () => fill(actions, mine() ? createButton() : follow);
  place.life.add(onSession(drawActions));
  drawActions();
  return streams.refresh();
}

function about(bio, links) {
  const link = ({ label, url }) => h('li', null, h('a', { class: 'chip', href: url, target: '_blank', rel: 'nofollow ugc noopener noreferrer' }, h('bdi', null, label)));
  return [
    bio && h('p', { class: 'profile-bio', dir: 'auto' }, bio),
    links.length > 0 && h('ul', { class: 'row', 'aria-label': t('elsewhere') }, links.map(link)),
  ];
}

const createButton = () => h('button', { class: 'button primary', onclick: () => createStream() }, t('create'));
