// The rules: who may write, how fast, and what becomes of links. A stream has those of its channel until it sets its own.
import { h } from '../core/dom.js';
import { get, patch } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, select, toggle } from '../components/form.js';
import { filled, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';
import { changes } from './inherited.js';
import { channelPath } from './scope.js';

const LENGTHS = { slow_mode_s: [5, 30, 60, 300], repeat_window_s: [30, 300, 3600], min_account_age_s: [600, 86_400, 604_800] };
const CHOICES = { comments: ['users', 'followers', 'moderators', 'off'], links: ['allow', 'hold', 'reject'] };

export function settings(state) {
  const box = h('div');
  const path = state.path('/settings');
  const draw = (now) => rules(now, true, async (changed) => {
    const after = await patch(path, changed);
    state.set('settings', after);
    filled(box, () => after, draw);
  });
  filled(box, () => get(path), draw);
  return panel(t('studio.settings'), t('settings.hint'), box);
}

export function channelSettings(state) {
  const box = h('div');
  const path = channelPath(state, '/settings');
  const draw = (now) => rules(now, false, async (changed) => {
    const after = await patch(path, changed);
    filled(box, () => after, draw);
  });
  filled(box, () => get(path), draw);
  return panel(t('studio.settings'), t('settings.channel.hint'), box);
}

/** The form of what holds `now`; `send` gets what has changed. Where it `inherits`, each rule can be the channel's. */
function rules(now, inherits, send) {
  const own = new Set(now.own);
  const inherited = (label, name, control) => {
    const box = h('input', { type: 'checkbox', name: `inherit.${name}`, role: 'switch', checked: !own.has(name), 'aria-label': t('inherit.of', { rule: label }) });
    // What is written here is this stream's own from then on.
    control.addEventListener('input', () => (box.checked = false));
    return h('label', { class: 'switch inherit' }, h('span', null, t('inherit')), box);
  };
  const rule = (name, label, whole, control = whole.querySelector('.input')) => h('div', { class: 'rule' }, whole, inherits && inherited(label, name, control));
  const choice = (name) => {
    const list = select(name, CHOICES[name].map((v) => [v, t(`settings.${name}.${v}`)]), now[name]);
    return rule(name, t(`settings.${name}`), field(t(`settings.${name}`), list));
  };
  const span = (name) => {
    const label = t(`settings.${name}`);
    return rule(name, label, spanField(name, label, now[name], { hint: t(`settings.${name}.hint`), offered: [0, ...LENGTHS[name]] }));
  };
  const holding = toggle('hold_all', t('settings.hold_all'), now.hold_all);
  const fields = [
    h('div', { class: 'pair' }, choice('comments'), choice('links')),
    h('div', { class: 'pair' }, span('slow_mode_s'), span('repeat_window_s')),
    span('min_account_age_s'),
    rule('hold_all', t('settings.hold_all'), holding, holding.querySelector('input')),
  ];
  return form(fields, t('save'), (values) => {
    for (const name of Object.keys(LENGTHS)) values[name] = toSeconds(values, name);
    return send(changes(now, values));
  });
}
