// Who did what: every act of moderation, newest first.
import { h, append } from '../core/dom.js';
import { get, query } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { filled, listIn, panel } from '../components/panel.js';

export function audit(state) {
  const body = h('tbody');
  const more = h('div', { class: 'row center' });
  const path = `/streams/${state.stream.id}/audit`;
  const load = async (cursor) => {
    const page = await get(query(path, { limit: 50, cursor }));
    append(body, [listIn(page).map(row)]);
    more.replaceChildren();
    if (page.next_cursor) more.append(h('button', { class: 'button quiet', type: 'button', onclick: () => load(page.next_cursor) }, t('more')));
    return page;
  };
  const table = h('table', { class: 'table' }, h('thead', null, h('tr', null, ['audit.at', 'audit.who', 'audit.what', 'audit.whom', 'audit.why'].map((key) => h('th', { scope: 'col' }, t(key))))), body);
  const box = h('div', { class: 'table-box' });
  filled(box, () => load(), (page) => (listIn(page).length ? [table, more] : h('p', { class: 'muted' }, t('list.none'))));
  return panel(t('studio.audit'), t('audit.hint'), box);
}

function row(entry) {
  const who = entry.actor?.display_name || t('audit.server');
  const whom = entry.target_user?.display_name || '';
  const why = [entry.reason, entry.outcome === 'ok' ? null : entry.outcome].filter(Boolean).join(' · ');
  const cell = (text) => h('td', null, h('bdi', null, text ?? ''));
  return h('tr', null, h('td', null, when(entry.at)), cell(who), h('td', null, h('code', null, entry.action)), cell(whom), cell(why));
}
