// Who did what: every act of moderation, newest first.
import { h } from '../core/dom.js';
import { explain, t, when } from '../core/i18n.js';
import { paged, panel } from '../components/panel.js';

const COLUMNS = ['audit.at', 'audit.who', 'audit.what', 'audit.whom', 'audit.why'];

export function audit(state) {
  const box = h('div', { class: 'table-box' });
  paged(box, state.path('/audit'), (items) => (items.length ? table(items) : h('p', { class: 'muted' }, t('audit.none'))));
  return panel(t('studio.audit'), t('audit.hint'), box);
}

function table(items) {
  const head = h('thead', null, h('tr', null, COLUMNS.map((key) => h('th', { scope: 'col' }, t(key)))));
  return h('table', { class: 'table' }, head, h('tbody', null, items.map(row)));
}

function row(entry) {
  const who = entry.actor?.display_name || t('audit.server');
  const whom = entry.target_user?.display_name || '';
  const why = [entry.reason, entry.outcome === 'ok' ? null : explain({ code: entry.outcome, detail: entry.outcome })].filter(Boolean).join(' · ');
  const cell = (text) => h('td', null, h('bdi', null, text));
  return h('tr', null, h('td', null, when(entry.at)), cell(who), cell(inWords(entry.action)), cell(whom), cell(why));
}

/** What was done; an act that this page does not know yet is named by its code. */
function inWords(action) {
  const known = t(`act.${action}`);
  return known === `act.${action}` ? action : known;
}
