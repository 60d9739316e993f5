// Who did what: every act of moderation, newest first.
import { h } from '../core/dom.js';
import { t, when } from '../core/i18n.js';
import { paged, panel } from '../components/panel.js';

const COLUMNS = ['audit.at', 'audit.who', 'audit.what', 'audit.whom', 'audit.why'];

export function audit(state) {
  const box = h('div', { class: 'table-box' });
  paged(box, state.path('/audit'), (items) => (items.length ? table(items) : h('p', { class: 'muted' }, t('list.none'))));
  return panel(t('studio.audit'), t('audit.hint'), box);
}

function table(items) {
  const head = h('thead', null, h('tr', null, COLUMNS.map((key) => h('th', { scope: 'col' }, t(key)))));
  return h('table', { class: 'table' }, head, h('tbody', null, items.map(row)));
}

function row(entry) {
  const who = entry.actor?.display_name || t('audit.server');
  const whom = entry.target_user?.display_name || '';
  const why = [entry.reason, entry.outcome === 'ok' ? null : entry.outcome].filter(Boolean).join(' · ');
  const cell = (text) => h('td', null, h('bdi', null, text));
  return h('tr', null, h('td', null, when(entry.at)), cell(who), h('td', null, h('code', null, entry.action)), cell(whom), cell(why));
}
