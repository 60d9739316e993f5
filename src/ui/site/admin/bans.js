// Who may write nowhere on the site, and until when.
import { h } from '../core/dom.js';
import { del, piece, put } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { field, form, input } from '../components/form.js';
import { nameOf } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { line, paged, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';
import { none } from './find.js';

const at = (name) => `/admin/bans/${piece(name)}`;

export function bans() {
  const list = h('ul', { class: 'lines bans' });
  const load = paged(list, '/admin/bans', (items) => (items.length ? items.map((ban) => one(ban, () => load())) : none()));
  const fields = [
    field(t('username'), input('username', { autocapitalize: 'none', autocomplete: 'off' })),
    spanField('duration_s', t('ban.lasts'), Infinity, { offered: [3600, 86_400, 604_800, Infinity] }),
    field(t('ban.reason'), input('reason', { dir: 'auto' })),
  ];
  const add = async ({ username, reason, ...values }, it) => {
    const length = toSeconds(values, 'duration_s', { forGood: true, unit: 60 });
    await put(at(username.trim().replace(/^@/, '')), { duration_s: length === Infinity ? null : length, reason: reason.trim() || undefined });
    it.reset();
    load();
  };
  return panel(t('admin.bans'), t('admin.bans.hint'), form(fields, t('ban.short'), add, { quiet: true, className: 'form inline' }), list);
}

function one({ user, until, reason }, load) {
  const more = [until ? t('until', { time: when(until) }) : t('for.good'), reason && [' · ', h('bdi', null, reason)]];
  const lift = async () => (await tried(() => del(at(user.username)))) && load();
  return line(avatar(user, 38), [nameOf(user, 'strong'), h('div', { class: 'muted small' }, '@', h('bdi', null, user.username), ' · ', more)],
    h('button', { class: 'button quiet small', name: 'unban', onclick: lift }, t('unban')));
}
