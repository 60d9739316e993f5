// What a webhook was told lately: what became of it, and the button that sends it once more.
import { h } from '../../core/dom.js';
import { post } from '../../core/api.js';
import { ago, date, t } from '../../core/i18n.js';
import { tried } from '../overlay.js';
import { line, paged } from '../panel.js';

/** The last deliveries of the webhook at `path`, latest first. */
export function deliveries(path) {
  const list = h('ul', { class: 'lines deliveries' });
  const load = paged(list, `${path}/deliveries`, (items) => {
    if (!items.length) return h('li', { class: 'muted' }, t('deliveries.none'));
    return items.map((delivery) => one(path, delivery, () => load()));
  });
  return [list, h('div', { class: 'row end' }, h('button', { class: 'button quiet', name: 'again', onclick: () => load() }, t('deliveries.look')))];
}

function one(path, delivery, load) {
  const retry = async () => (await tried(() => post(`${path}/deliveries/${delivery.id}/retry`), t('deliveries.sent'))) && load();
  const words = [
    h('div', { class: 'strong' }, delivery.event, ' ', h('span', { class: delivery.status === 'delivered' ? 'tag good' : 'tag' }, t(`deliveries.${delivery.status}`))),
    h('div', { class: 'muted small' }, ago(delivery.created_at), ' · ', t('deliveries.attempts', { count: delivery.attempts }), ' · ', answer(delivery)),
  ];
  return line(null, words, h('button', { class: 'button quiet small', name: 'retry', onclick: retry }, t('deliveries.retry')));
}

function answer({ last_status: status, last_error: error, next_at: next }) {
  const said = status ? t('deliveries.answer', { status }) : error ? t(`deliveries.error.${error}`) : t('deliveries.no');
  return next ? `${said} · ${t('deliveries.next', { time: date(next) })}` : said;
}
