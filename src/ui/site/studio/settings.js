// The rules of the room: who may write, how fast, and what becomes of links.
import { h } from '../core/dom.js';
import { patch } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, input, select, toggle } from '../components/form.js';
import { panel } from '../components/panel.js';

export function settings(state) {
  const now = state.settings || {};
  const number = (name, max) => input(name, { type: 'number', min: 0, max, step: 1, value: now[name] ?? 0, inputmode: 'numeric' });
  const choice = (name, values) => select(name, values.map((v) => [v, t(`settings.${name}.${v}`)]), now[name]);
  const fields = [
    h('div', { class: 'pair' },
      field(t('settings.comments'), choice('comments', ['users', 'followers', 'moderators', 'off'])),
      field(t('settings.links'), choice('links', ['allow', 'hold', 'reject']))),
    h('div', { class: 'pair' },
      field(t('settings.slow_mode_s'), number('slow_mode_s', 3600), t('settings.slow_mode_s.hint')),
      field(t('settings.repeat_window_s'), number('repeat_window_s', 86400), t('settings.repeat_window_s.hint'))),
    field(t('settings.min_account_age_s'), number('min_account_age_s', 31536000), t('settings.min_account_age_s.hint')),
    toggle('hold_all', t('settings.hold_all'), now.hold_all),
  ];
  const send = async (values) => {
    for (const name of ['slow_mode_s', 'repeat_window_s', 'min_account_age_s']) values[name] = Number(values[name]);
    state.set('settings', await patch(state.path('/settings'), values));
  };
  return panel(t('studio.settings'), t('settings.hint'), form(fields, t('save'), send));
}
