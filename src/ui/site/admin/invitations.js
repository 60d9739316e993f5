// Invitations, for a site that takes nobody without one.
import { h } from '../core/dom.js';
import { del, post } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { field, form, input } from '../components/form.js';
import { icon, iconButton } from '../components/icons.js';
import { copy, tried } from '../components/overlay.js';
import { line, paged, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';
import { none } from './find.js';

export function invitations() {
  const list = h('ul', { class: 'lines invitations' });
  const load = paged(list, '/admin/invitations', (items) => (items.length ? items.map((item) => one(item, () => load())) : none()));
  const fields = [
    field(t('admin.uses'), input('uses', { type: 'number', min: 1, max: 100, value: 1 })),
    spanField('expires_in_s', t('admin.expires'), 604_800, { offered: [86_400, 604_800, 2_592_000, Infinity] }),
  ];
  const make = async ({ uses, ...values }) => {
    const length = toSeconds(values, 'expires_in_s', { forGood: true, unit: 60 });
    await post('/admin/invitations', { uses: Number(uses), expires_in_s: length === Infinity ? null : length });
    load();
  };
  return panel(t('admin.invitations'), t('admin.invitations.hint'), form(fields, t('admin.invite'), make, { quiet: true, className: 'form inline' }), list);
}

function one(invitation, load) {
  const remove = async () => (await tried(() => del(`/admin/invitations/${invitation.id}`))) && load();
  const ends = invitation.expires_at ? t('until', { time: when(invitation.expires_at) }) : t('for.good');
  return line(h('span', { class: 'device' }, icon('link', 20)),
    [h('code', { class: 'key' }, invitation.url), h('div', { class: 'muted small' }, t('admin.uses.left', { n: invitation.uses_left }), ' · ', ends)],
    iconButton('copy', t('copy'), () => copy(invitation.url)),
    h('button', { class: 'button quiet small', name: 'take-back', onclick: remove }, t('remove')));
}
