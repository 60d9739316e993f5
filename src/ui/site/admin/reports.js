// What waits for moderators in all rooms: held by a rule, or reported by viewers.
import { h } from '../core/dom.js';
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { icon } from '../components/icons.js';
import { empty } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { paged, panel } from '../components/panel.js';
import { commentRow } from '../room/row.js';

export function reports() {
  const list = h('div', { class: 'held-list' });
  const load = paged(list, '/admin/reports', (items) => (items.length ? items.map(one) : empty('check', t('held.none'), t('held.none.text'))));
  const decide = async (comment, how) => (await tried(() => post(`/streams/${comment.stream_id}/held/${comment.id}/${how}`))) && load();

  function one(comment) {
    const why = comment.reports ? t('held.reported', { n: comment.reports }) : t('held.held');
    return h('article', { class: 'held-item' }, h('div', { class: 'stamps' }, commentRow(comment), h('div', { class: 'held-why' }, why, ' · ', h('a', { href: `/s/${comment.stream_id}` }, t('open.room')))),
      h('div', { class: 'row' },
        h('button', { class: 'button quiet small', name: 'approve', onclick: () => decide(comment, 'approve') }, icon('check', 18), t('approve')),
        h('button', { class: 'button danger small', name: 'reject', onclick: () => decide(comment, 'reject') }, icon('close', 18), t('reject'))));
  }

  return panel(t('admin.reports'), t('admin.reports.hint'), list);
}
