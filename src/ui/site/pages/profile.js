// Somebody's page: who it is, and what they stream.
import { h, fill } from '../core/dom.js';
import { all, del, get, piece, put } from '../core/api.js';
import { explain, t, when } from '../core/i18n.js';
import { title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { avatar, cover } from '../components/cover.js';
import { icon } from '../components/icons.js';
import { part } from '../components/load.js';
import { empty, nameOf } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { tried } from '../components/overlay.js';
import { Shelf, onward } from '../components/shelf.js';

const REFRESH_MS = 15_000;

export async function open(place, [name]) {
  try {
    const user = await get(`/users/${piece(name)}`);
    if (place.current()) draw(place, user);
  } catch (error) {
    if (!place.current()) return;
    title(t('user.missing'));
    fill(place.main, empty('user', error.status === 404 ? t('user.missing') : explain(error), null, h('a', { class: 'button primary', href: '/' }, t('home'))));
  }
}

function draw(place, user) {
  title(user.display_name);
  const shelves = { live: new Shelf(t('live.now')), scheduled: new Shelf(t('coming.up')), ended: new Shelf(t('past')) };
  const none = h('div', { hidden: true });
  const actions = h('div', { class: 'profile-actions row' });
  fill(place.main,
    h('div', { class: 'profile-banner' }, cover(user.id)),
    h('div', { class: 'profile' },
      h('div', { class: 'profile-head' }, avatar(user, 104),
        h('div', { class: 'profile-words' }, h('h1', null, nameOf(user)), h('p', { class: 'muted' }, '@', h('bdi', null, user.username), ' · ', t('joined', { time: when(user.created_at) }))), actions),
      Object.values(shelves).map((shelf) => shelf.element), none));
  const streams = onward({ host: user.username }, (items) => {
    for (const [status, shelf] of Object.entries(shelves)) shelf.show(items.filter((s) => s.status === status));
    none.hidden = items.length > 0;
    if (!none.hidden && !none.firstChild) none.append(empty('video', t('user.quiet'), me()?.id === user.id ? t('nothing.text') : null, me()?.id === user.id && createButton()));
  });
  const load = streams.refresh;
  place.main.append(h('div', { class: 'profile' }, streams.element));
  place.life.every(REFRESH_MS, () => document.visibilityState === 'visible' && load().catch(() => {}));
  const redo = () => follow(actions, user);
  place.life.add(onSession(redo));
  redo();
  return load();
}

const createButton = () => h('button', { class: 'button primary', type: 'button', onclick: async () => (await part(() => import('../components/stream-form.js')))?.createStream() }, t('create'));

async function follow(box, user) {
  if (me()?.id === user.id) return fill(box, createButton());
  let follows = false;
  try {
    follows = me() ? (await all('/users/me/following')).some((u) => u.username === user.username) : false;
  } catch {
    // Offers to follow, which is harmless when repeated.
  }
  const show = () => {
    const toggle = async () => {
      if (!(await askLogin())) return;
      const path = `/users/${piece(user.username)}/follow`;
      if (!(await tried(() => (follows ? del(path) : put(path))))) return;
      follows = !follows;
      show();
    };
    fill(box, h('button', { class: follows ? 'button quiet' : 'button primary', type: 'button', 'aria-pressed': String(follows), onclick: toggle }, icon('heart', 18), t(follows ? 'unfollow' : 'follow')));
  };
  show();
}
