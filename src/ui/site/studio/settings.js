// The rules of the room: who may write, how fast, and what becomes of links.
import { h } from '../core/dom.js';
import { patch } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, select, toggle } from '../components/form.js';
import { panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';

export function settings(state) {
  const now = state.settings || {};
  const span = (name, offered) => spanField(name, t(`settings.${name}`), now[name] ?? 0, { hint: t(`settings.${name}.hint`), offered: [0, ...offered] });
  const choice = (name, values) => select(name, values.map((v) => [v, t(`settings.${name}.${v}`)]), now[name]);
  const fields = [
    h('div', { class: 'pair' },
      field(t('settings.comments'), choice('comments', ['users', 'followers', 'moderators', 'off'])),
      field(t('settings.links'), choice('links', ['allow', 'hold', 'reject']))),
    h('div', { class: 'pair' },
      span('slow_mode_s', [5, 30, 60, 300]),
      span('repeat_window_s', [30, 300, 3600])),
    span('min_account_age_s', [600, 86_400, 604_800]),
    toggle('hold_all', t('settings.hold_all'), now.hold_all),
  ];
  const send = async (values) => {
    for (const name of ['slow_mode_s', 'repeat_window_s', 'min_account_age_s']) values[name] = toSeconds(values, name);
    state.set('settings', await patch(state.path('/settings'), values));
  };
  return panel(t('studio.settings'), t('settings.hint'), form(fields, t('save'), send));
}
