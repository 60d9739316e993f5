// Comments that wait for a decision: held by a rule, or reported by viewers.
import { h } from '../core/dom.js';
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { icon } from '../components/icons.js';
import { empty } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { paged, panel } from '../components/panel.js';
import { commentRow } from '../room/row.js';

export function heldQueue(state, life) {
  const list = h('div', { class: 'held-list' });
  const load = paged(list, state.path('/held'), (items) => (items.length ? items.map(one) : empty('check', t('held.none'), t('held.none.text'))));
  const decide = async (comment, how) => (await tried(() => post(state.path(`/held/${comment.id}/${how}`)))) && load();

  function one(comment) {
    const why = comment.reports ? t('held.reported', { n: comment.reports }) : t('held.held');
    return h('article', { class: 'held-item' }, h('div', { class: 'stamps' }, commentRow(comment), h('div', { class: 'held-why' }, why)),
      h('div', { class: 'row' },
        h('button', { class: 'button quiet small', onclick: () => decide(comment, 'approve') }, icon('check', 18), t('approve')),
        h('button', { class: 'button danger small', onclick: () => decide(comment, 'reject') }, icon('close', 18), t('reject'))));
  }

  life.add(state.on('held', load));
  return panel(t('studio.held'), t('held.hint'), list);
}
