// One's account: name, password, where one is logged in, keys for programs, whom one follows, and the way out.
import { h, fill } from '../core/dom.js';
import { all, del, patch, piece, put } from '../core/api.js';
import { ago, t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { leave, me, onSession, setMe } from '../core/session.js';
import { rulesOfSite } from '../core/visitor.js';
import { accountKeys } from '../components/account-keys.js';
import { avatar } from '../components/cover.js';
import { device } from '../components/device.js';
import { icon } from '../components/icons.js';
import { field, form, input } from '../components/form.js';
import { imageField } from '../components/image-field.js';
import { empty, nameOf } from '../components/live.js';
import { part } from '../components/load.js';
import { askLogin } from '../components/login.js';
import { dialog, tried } from '../components/overlay.js';
import { filled, line, paged, panel } from '../components/panel.js';
import { webhooks } from '../components/webhooks/list.js';

export function open(place) {
  title(t('account'));
  const draw = () => (me() ? account(place.main) : guest(place.main));
  let shown = me()?.id;
  place.life.add(onSession(() => {
    if (me()?.id !== shown) draw();
    shown = me()?.id;
  }));
  draw();
}

function guest(main) {
  fill(main, empty('user', t('account'), t('account.guest'),
    h('button', { class: 'button primary', onclick: () => askLogin() }, t('login')),
    h('button', { class: 'button quiet', onclick: () => askLogin('register') }, t('register'))));
}

function account(main) {
  const user = me();
  const sign = h('div', null, avatar(user, 72));
  fill(main, h('div', { class: 'settings-page' },
    h('header', { class: 'settings-head' }, sign, h('div', null, h('h1', null, nameOf(user)), h('p', { class: 'muted' }, '@', h('bdi', null, user.username)))),
    operator(),
    panel(t('profile'), null, profile(user)),
    panel(t('images'), t('images.hint'), imageField('avatar', () => fill(sign, avatar(me(), 72))), imageField('cover')),
    panel(t('password'), t('password.change.hint'), password()),
    panel(t('sessions'), t('sessions.hint'), sessions()),
    panel(t('keys'), t('keys.hint'), accountKeys()),
    panel(t('webhooks'), t('webhooks.hint'), webhooks('channel')),
    panel(t('encoder.account'), t('encoder.account.hint'), encoder()),
    panel(t('following'), null, following()),
    panel(t('account.delete'), t('account.delete.hint'), h('div', { class: 'row' }, h('button', { class: 'button danger', onclick: remove }, t('account.delete'))))));
}

/** The way to the administrators' page, for those whose it is. */
function operator() {
  const box = h('div');
  rulesOfSite().then(({ is_admin: isAdmin }) => isAdmin && fill(box, panel(t('admin'), null, h('div', { class: 'row' }, h('a', { class: 'button quiet', href: '/admin' }, icon('shield', 18), t('admin'))))));
  return box;
}

function profile(user) {
  const fields = [field(t('display_name'), input('display_name', { value: user.display_name, dir: 'auto' }), t('display_name.hint'))];
  return form(fields, t('save'), async (values) => setMe(await patch('/users/me', values)));
}

/** Shown only when asked for: it is loaded then, and a key is made by asking. */
function encoder() {
  const box = h('div', { class: 'encoder' });
  const show = async () => (await part(() => import('../components/keys.js')))?.encoderKeys(box, '/users/me/ingest');
  return fill(box, h('div', { class: 'row' }, h('button', { class: 'button quiet', name: 'keys', onclick: show }, icon('eye', 18), t('encoder.account.show'))));
}

function password() {
  const fields = [
    field(t('password.current'), input('current_password', { type: 'password', autocomplete: 'current-password' })),
    field(t('password.new'), input('new_password', { type: 'password', autocomplete: 'new-password' }), t('password.hint')),
  ];
  const send = async (values, it) => {
    await put('/users/me/password', values);
    it.reset();
  };
  return form([h('div', { class: 'pair' }, fields)], t('password.change'), send);
}

function sessions() {
  const list = h('ul', { class: 'lines' });
  const load = () => filled(list, () => all('/sessions'), (items) => items.map((session) => one(session, load)));
  load();
  const others = async () => {
    const items = await all('/sessions');
    for (const { id } of items.filter((s) => !s.current)) await del(`/sessions/${id}`);
    load();
  };
  return [list, h('div', { class: 'row end' }, h('button', { class: 'button quiet', onclick: () => tried(others, t('sessions.ended')) }, t('sessions.end.others')))];
}

function one(session, load) {
  const { name, phone } = device(session.user_agent);
  const end = async () => {
    if (!(await tried(() => del(`/sessions/${session.id}`)))) return;
    session.current ? leave() : load();
  };
  return line(h('span', { class: 'device' }, icon(phone ? 'user' : 'globe', 20)),
    [h('div', { class: 'strong' }, name, ' ', session.current && h('span', { class: 'tag good' }, t('sessions.current'))), h('div', { class: 'muted small' }, t('sessions.used', { ago: ago(session.last_used_at) }))],
    h('button', { class: 'button quiet small', onclick: end }, t(session.current ? 'logout' : 'sessions.end')));
}

function following() {
  const list = h('ul', { class: 'lines' });
  const load = paged(list, '/users/me/following', (items) => {
    if (!items.length) return h('li', { class: 'muted' }, t('following.none'));
    return items.map((user) => {
      const path = `/users/${piece(user.username)}/follow`;
      return line(avatar(user, 38), h('a', { href: `/u/${piece(user.username)}` }, nameOf(user, 'strong'), h('div', { class: 'muted small' }, '@', user.username)),
        h('button', { class: 'button quiet small', onclick: async () => (await tried(() => del(path))) && load() }, t('unfollow.do')));
    });
  });
  return list;
}

function remove() {
  return dialog(t('account.delete'), (close) => {
    const send = async (values) => {
      await del('/users/me', values);
      close();
      leave();
      go('/');
    };
    return [h('p', { class: 'muted' }, t('account.delete.text')), form([field(t('password'), input('password', { type: 'password', autocomplete: 'current-password', autofocus: true }))], t('account.delete'), send, { quiet: true })];
  }, { className: 'narrow' });
}
