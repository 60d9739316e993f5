// What the site is called, how it looks, what it asks of its people, and whom it lets in.
import { h } from '../core/dom.js';
import { get, patch } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, input, select, textarea, toggle } from '../components/form.js';
import { imageField } from '../components/image-field.js';
import { filled, panel } from '../components/panel.js';

const CHOICES = { registration: ['open', 'invite', 'approval', 'closed'], streams_by: ['everyone', 'granted'] };
const USUAL = '#d03a24';

export function settings() {
  const box = h('div');
  const draw = (now) => all(now, (after) => filled(box, () => after, draw));
  filled(box, () => get('/admin/settings'), draw);
  return panel(t('admin.settings'), t('admin.settings.hint'), box);
}

/** What stands in the corner of every page. */
function logo(now) {
  const of = { path: '/admin/logo', url: () => now.logo_url, take: (after) => (now.logo_url = after.logo_url), drop: () => (now.logo_url = null) };
  return imageField('logo', () => {}, of);
}

function all(now, drawn) {
  const isLocked = (name) => now.locked.includes(name);
  const choice = (name) => {
    const control = select(name, CHOICES[name].map((word) => [word, t(`admin.${name}.${word}`)]), now[name]);
    control.disabled = isLocked(name);
    return field(t(`admin.${name}`), control, isLocked(name) ? t('admin.locked') : '');
  };
  const accent = input('accent', { type: 'color', value: now.accent ?? USUAL });
  const own = toggle('own_accent', t('admin.accent.own'), now.accent !== null);
  // A colour that was chosen is meant.
  accent.addEventListener('input', () => (own.querySelector('input').checked = true));
  const fields = [
    field(t('admin.site.name'), input('name', { value: now.name, maxlength: 100, dir: 'auto' })),
    field(t('admin.description'), input('description', { value: now.description, maxlength: 1000, dir: 'auto' })),
    field(t('admin.rules'), textarea('rules', { value: now.rules, dir: 'auto' }), t('admin.rules.hint')),
    own, field(t('admin.accent'), accent),
    h('div', { class: 'pair' }, choice('registration'), choice('streams_by')),
  ];
  const words = form(fields, t('save'), async (values) => {
    const { own_accent: hasOwn, ...wanted } = values;
    wanted.accent = hasOwn ? wanted.accent : null;
    for (const name of now.locked) delete wanted[name];
    drawn(await patch('/admin/settings', wanted));
  });
  return h('div', { class: 'form' }, logo(now), words);
}
