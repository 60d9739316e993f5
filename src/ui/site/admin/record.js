// What is on record of the whole site, newest first, found by who did it and what it was.
import { h } from '../core/dom.js';
import { t, when } from '../core/i18n.js';
import { field, input, select } from '../components/form.js';
import { panel } from '../components/panel.js';
import { finder } from './find.js';

const COLUMNS = ['audit.at', 'audit.who', 'audit.what', 'audit.whom', 'audit.why', 'admin.from'];

export function record() {
  const box = h('div', { class: 'table-box' });
  const fields = [
    field(t('audit.who'), input('actor', { autocapitalize: 'none', autocomplete: 'off' })),
    field(t('audit.what'), input('action', { autocapitalize: 'none', autocomplete: 'off' }), t('admin.action.hint')),
    field(t('admin.outcome'), select('outcome', ['', 'ok', 'refused'].map((word) => [word, t(`admin.outcome.${word || 'all'}`)]), '')),
  ];
  const { parts } = finder(box, '/admin/audit', fields, (items) => (items.length ? table(items) : h('p', { class: 'muted' }, t('audit.none'))));
  return panel(t('admin.audit'), t('admin.audit.hint'), parts);
}

function table(items) {
  const head = h('thead', null, h('tr', null, COLUMNS.map((key) => h('th', { scope: 'col' }, t(key)))));
  return h('table', { class: 'table' }, head, h('tbody', null, items.map(row)));
}

function row(entry) {
  const why = [entry.reason, entry.outcome === 'ok' ? null : entry.outcome].filter(Boolean).join(' · ');
  const cell = (text) => h('td', null, h('bdi', null, text));
  return h('tr', null, h('td', null, when(entry.at)), cell(entry.actor?.username ?? t('audit.server')), h('td', null, h('code', null, entry.action)),
    cell(entry.target_user?.username ?? entry.target ?? ''), cell(why), cell(entry.ip ?? ''));
}
