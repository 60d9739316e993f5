// Comments that wait for a decision: held by a rule, or reported by viewers.
import { h } from '../core/dom.js';
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { icon } from '../components/icons.js';
import { empty } from '../components/live.js';
import { attempt, paged, panel } from '../components/panel.js';
import { commentRow } from '../room/row.js';

export function heldQueue(state, ends) {
  const path = `/streams/${state.stream.id}/held`;
  const list = h('div', { class: 'held-list' });
  const load = paged(list, path, (items) => (items.length ? items.map(one) : empty('check', t('held.none'), t('held.none.text'))));
  const decide = async (comment, how) => (await attempt(() => post(`${path}/${comment.id}/${how}`))) && load();

  function one(item) {
    const comment = item.comment || item;
    const row = commentRow(comment);
    const reports = Array.isArray(item.reports) ? item.reports.length : item.reports;
    const reasons = Array.isArray(item.reports) ? item.reports.map((r) => r.reason).filter(Boolean).join(' · ') : item.reason;
    const why = [reports ? t('held.reported', { n: reports }) : t('held.held'), reasons && `: ${reasons}`];
    return h('article', { class: 'held-item' }, h('div', { class: 'stamps' }, row, h('div', { class: 'held-why' }, why)),
      h('div', { class: 'row' },
        h('button', { class: 'button quiet small', type: 'button', onclick: () => decide(comment, 'approve') }, icon('check', 18), t('approve')),
        h('button', { class: 'button danger small', type: 'button', onclick: () => decide(comment, 'reject') }, icon('close', 18), t('reject'))));
  }

  ends.push(state.on('held', load));
  return panel(t('studio.held'), t('held.hint'), list);
}
