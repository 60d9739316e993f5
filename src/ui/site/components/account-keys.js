// The keys of an account, for programs: listed, made with what each may do, shown once, deleted.
import { h, fill } from '../core/dom.js';
import { del, post } from '../core/api.js';
import { LAST_MINUTE, toTime } from '../core/dates.js';
import { ago, date, t } from '../core/i18n.js';
import { icon, iconButton } from './icons.js';
import { field, form, input, toggle } from './form.js';
import { confirm, copy, dialog, tried } from './overlay.js';
import { line, paged } from './panel.js';

const SCOPES = ['read', 'comment', 'moderate', 'streams', 'ingest'];

/** The list, and the button that makes one more. */
export function accountKeys() {
  const list = h('ul', { class: 'lines keys' });
  const load = paged(list, '/users/me/keys', (items) => {
    if (!items.length) return h('li', { class: 'muted' }, t('keys.none'));
    return items.map((key) => one(key, () => load()));
  });
  const add = async () => {
    await dialog(t('keys.new'), (close) => making(close, load), { className: 'key-dialog' });
  };
  return [list, h('div', { class: 'row end' }, h('button', { class: 'button quiet', name: 'new-key', onclick: add }, t('keys.new')))];
}

function one(key, load) {
  const remove = async () => {
    if (!(await confirm(t('keys.delete'), t('keys.delete.text', { name: key.name }), t('keys.delete')))) return;
    if (await tried(() => del(`/users/me/keys/${key.id}`), t('keys.deleted'))) load();
  };
  const words = [
    h('div', { class: 'strong' }, h('bdi', null, key.name), ' ', key.bot && h('span', { class: 'tag' }, t('bot')), ' ', over(key) && h('span', { class: 'tag' }, t('keys.over'))),
    h('div', { class: 'muted small' }, h('code', null, `${key.prefix}…`), ' · ', key.scopes.map((scope) => t(`scope.${scope}`)).join(' · ')),
    h('div', { class: 'muted small' }, used(key), ' · ', ends(key)),
  ];
  return line(h('span', { class: 'device' }, icon('lock', 20)), words,
    h('button', { class: 'button quiet small', 'aria-label': t('keys.delete.one', { name: key.name }), onclick: remove }, t('keys.delete')));
}

const over = (key) => Boolean(key.expires_at) && Date.parse(key.expires_at) <= Date.now();
const used = (key) => (key.last_used_at ? t('keys.used', { ago: ago(key.last_used_at) }) : t('keys.unused'));
const ends = (key) => (key.expires_at ? t('keys.ends', { time: date(key.expires_at) }) : t('keys.endless'));

/** The form of a new key; what is made takes its place, since it is shown this once. */
function making(close, load) {
  const box = h('div', null);
  const send = async (values) => {
    const made = await post('/users/me/keys', body(values));
    load();
    fill(box, shown(made, close));
    box.querySelector('button')?.focus();
  };
  const fields = [
    field(t('keys.name'), input('name', { maxlength: 50, autofocus: true, dir: 'auto' }), t('keys.name.hint')),
    scopes(),
    field(t('keys.expires'), input('expires_at', { type: 'datetime-local', max: LAST_MINUTE }), t('keys.expires.hint')),
    toggle('bot', t('keys.bot'), false),
  ];
  return fill(box, form(fields, t('keys.make'), send, { quiet: true }));
}

function scopes() {
  const choice = (scope) => toggle(`scope.${scope}`, [h('span', { class: 'strong' }, t(`scope.${scope}`)), h('span', { class: 'muted small' }, ' ', t(`scope.${scope}.text`))], scope === 'read');
  return h('fieldset', { class: 'field scopes', dataset: { field: 'scopes' } }, h('legend', { class: 'label' }, t('keys.scopes')), SCOPES.map(choice), h('p', { class: 'problem', role: 'alert' }));
}

function body(values) {
  return {
    name: values.name,
    scopes: SCOPES.filter((scope) => values[`scope.${scope}`]),
    bot: values.bot,
    expires_at: toTime(values.expires_at, 'expires_at'),
  };
}

function shown(made, close) {
  return [
    h('p', { class: 'muted', role: 'status' }, t('keys.once')),
    h('div', { class: 'made-key' }, h('code', { class: 'key' }, made.key), iconButton('copy', t('key.copy'), () => copy(made.key))),
    h('div', { class: 'row end' }, h('button', { class: 'button primary', onclick: () => close() }, t('done'))),
  ];
}
