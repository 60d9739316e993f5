// All accounts: found by name, let in, granted, promoted, disabled, logged out, and given a link to set a new password.
import { fill, h } from '../core/dom.js';
import { del, patch, piece, post } from '../core/api.js';
import { date, t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { field, input, select } from '../components/form.js';
import { iconButton } from '../components/icons.js';
import { nameOf } from '../components/live.js';
import { confirm, copy, dialog, menu, tried } from '../components/overlay.js';
import { line, panel } from '../components/panel.js';
import { finder, none } from './find.js';

const STATES = ['', 'active', 'pending', 'disabled', 'admin'];

export function people() {
  const list = h('ul', { class: 'lines people' });
  const fields = [
    field(t('admin.name'), input('q', { type: 'search', autocapitalize: 'none', autocomplete: 'off', maxlength: 100 })),
    field(t('admin.state'), select('state', STATES.map((state) => [state, t(`admin.state.${state || 'all'}`)]), '')),
  ];
  const { parts, again } = finder(list, '/admin/users', fields, (items) => (items.length ? items.map((user) => one(user, () => again())) : none()));
  return panel(t('admin.people'), t('admin.people.hint'), parts);
}

function one(user, load) {
  const path = `/admin/users/${piece(user.username)}`;
  const change = async (body, sure) => {
    if (sure && !(await confirm(sure, t('admin.sure', { name: user.username }), sure))) return;
    if (await tried(() => patch(path, body), t('saved'))) load();
  };
  const logOut = async () => {
    if (await confirm(t('admin.sessions'), t('admin.sure', { name: user.username }), t('admin.sessions'))) await tried(() => del(`${path}/sessions`), t('sessions.ended'));
  };
  const acts = [
    user.disabled ? { label: t('admin.enable'), icon: 'check', run: () => change({ disabled: false }) } : { label: t('admin.disable'), icon: 'ban', run: () => change({ disabled: true }, t('admin.disable')) },
    user.can_host ? { label: t('admin.host.revoke'), icon: 'video', run: () => change({ can_host: false }) } : { label: t('admin.host.grant'), icon: 'video', run: () => change({ can_host: true }) },
    user.is_admin ? { label: t('admin.demote'), icon: 'shield', run: () => change({ is_admin: false }, t('admin.demote')) } : { label: t('admin.promote'), icon: 'shield', run: () => change({ is_admin: true }, t('admin.promote')) },
    { label: t('admin.sessions'), icon: 'lock', run: logOut },
    { label: t('admin.reset'), icon: 'link', run: () => resetLink(path, user) },
  ];
  const tags = [user.is_admin && t('role.admin'), user.can_host && t('admin.can.host'), user.state !== 'active' && t(`admin.state.${user.state}`)].filter(Boolean);
  const words = [
    h('a', { href: `/u/${piece(user.username)}` }, nameOf(user, 'strong')), tags.map((tag) => [' ', h('span', { class: 'tag' }, tag)]),
    h('div', { class: 'muted small' }, '@', h('bdi', null, user.username), ' · ', t('admin.since', { time: date(user.created_at) })),
  ];
  return line(avatar(user, 38), words,
    user.state === 'pending' && h('button', { class: 'button primary small', name: 'approve', onclick: () => change({ approved: true }) }, t('admin.approve')),
    h('button', { class: 'button quiet small', name: 'acts', 'aria-haspopup': 'menu', 'aria-label': t('admin.acts', { name: user.username }), onclick: (event) => menu(event.currentTarget, acts, { label: t('admin.acts', { name: user.username }) }) }, t('admin.act')));
}

/** A link is shown this once. */
async function resetLink(path, user) {
  let made = null;
  if (!(await tried(async () => (made = await post(`${path}/reset-link`))))) return;
  await dialog(t('admin.reset'), (close) => fill(h('div'),
    h('p', { class: 'muted', role: 'status' }, t('admin.reset.once', { name: user.username, time: when(made.expires_at) })),
    h('div', { class: 'made-key' }, h('code', { class: 'key' }, made.url), iconButton('copy', t('copy'), () => copy(made.url))),
    h('div', { class: 'row end' }, h('button', { class: 'button primary', onclick: () => close() }, t('done')))), { className: 'key-dialog' });
}
