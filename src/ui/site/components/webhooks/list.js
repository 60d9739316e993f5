// The webhooks of an account: listed with how they are, made, edited, tested, deleted.
import { h, fill } from '../../core/dom.js';
import { del, patch, post } from '../../core/api.js';
import { ago, date, t } from '../../core/i18n.js';
import { icon } from '../icons.js';
import { confirm, dialog, tried } from '../overlay.js';
import { line, paged } from '../panel.js';
import { deliveries } from './deliveries.js';
import { editing, making, shown } from './making.js';

/** Those of one scope, and the button that makes one more. */
export function webhooks(scope) {
  const list = h('ul', { class: 'lines webhooks' });
  const load = paged(list, '/webhooks', (items) => {
    const theirs = items.filter((webhook) => webhook.scope === scope);
    if (!theirs.length) return h('li', { class: 'muted' }, t('webhooks.none'));
    return theirs.map((webhook) => one(webhook, () => load()));
  });
  const add = () => dialog(t('webhooks.new'), (close) => making(scope, close, load), { className: 'webhook-dialog' });
  return [list, h('div', { class: 'row end' }, h('button', { class: 'button quiet', name: 'new-webhook', onclick: add }, t('webhooks.new')))];
}

function one(webhook, load) {
  const path = `/webhooks/${webhook.id}`;
  const words = [
    h('div', { class: 'strong' }, h('bdi', null, webhook.url), ' ', state(webhook)),
    h('div', { class: 'muted small' }, webhook.events.map(eventName).join(' · ')),
    trouble(webhook),
  ];
  const buttons = [
    action('webhooks.test', async () => (await tried(() => post(`${path}/test`), t('webhooks.tested'))) && load()),
    action('webhooks.deliveries', () => dialog(t('webhooks.deliveries'), () => deliveries(path), { className: 'webhook-dialog' })),
    action('webhooks.edit', () => dialog(t('webhooks.edit'), (close) => editing(webhook, close, load), { className: 'webhook-dialog' })),
    action('webhooks.rotate', () => rotate(path)),
    action(webhook.enabled ? 'webhooks.disable' : 'webhooks.enable', async () => (await tried(() => patch(path, { enabled: !webhook.enabled }))) && load()),
    action('webhooks.delete', () => remove(webhook, load)),
  ];
  return line(h('span', { class: 'device' }, icon('link', 20)), [...words, h('div', { class: 'row' }, buttons)]);
}

const action = (name, onclick) => h('button', { class: 'button quiet small', name, onclick }, t(name));
const eventName = (event) => (event === '*' ? t('webhooks.all') : event);

function state({ enabled, failing_since: failing }) {
  if (!enabled) return h('span', { class: 'tag' }, t('webhooks.off'));
  return failing && h('span', { class: 'tag bad' }, t('webhooks.fails'));
}

/** What its owner should know: why it is off, or since when it fails. */
function trouble({ enabled, disabled_reason: reason, failing_since: failing, next_at: next }) {
  if (!enabled) return h('p', { class: reason === 'by_owner' ? 'muted small' : 'problem' }, t(`webhooks.off.${reason}`));
  return failing && h('p', { class: 'problem' }, t('webhooks.failing', { ago: ago(failing), next: next ? date(next) : t('webhooks.soon') }));
}

async function rotate(path) {
  if (!(await confirm(t('webhooks.rotate'), t('webhooks.rotate.text'), t('webhooks.rotate')))) return;
  const rotated = await tried(() => post(`${path}/rotate-secret`));
  if (rotated) dialog(t('webhooks.rotate'), (close) => fill(h('div', null), shown(rotated, close)), { className: 'webhook-dialog' });
}

async function remove(webhook, load) {
  if (!(await confirm(t('webhooks.delete'), t('webhooks.delete.text', { url: webhook.url }), t('webhooks.delete')))) return;
  if (await tried(() => del(`/webhooks/${webhook.id}`), t('webhooks.deleted'))) load();
}
