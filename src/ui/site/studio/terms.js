// Words that are masked, held or refused; tried on what was said before they are saved.
import { h } from '../core/dom.js';
import { get, post, put } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, textarea, values } from '../components/form.js';
import { filled, panel } from '../components/panel.js';
import { commentRow } from '../room/row.js';

const ACTIONS = ['mask', 'hold', 'reject'];

export function terms(state) {
  const path = state.path('/terms');
  const box = h('div');
  const result = h('div', { class: 'dry-run', 'aria-live': 'polite' });
  filled(box, () => get(path), (answer) => editor(answer.terms, path, result));
  return panel(t('studio.terms'), t('terms.hint'), box, result);
}

function editor(saved, path, result) {
  const lines = (action) => saved.filter((term) => term.action === action).map((term) => term.text).join('\n');
  const fields = ACTIONS.map((action) => field(t(`terms.${action}`), textarea(action, { rows: 5, value: lines(action), dir: 'auto', spellcheck: 'false' }), t(`terms.${action}.hint`)));
  const it = form(h('div', { class: 'columns three' }, fields), t('save'), (v) => put(path, body(v)));
  const test = h('button', { class: 'button quiet' }, t('terms.test'));
  test.addEventListener('click', () => filled(result, () => post(`${path}/test`, body(values(it))), touched));
  it.querySelector('.row.end').prepend(test);
  return it;
}

function body(v) {
  const all = ACTIONS.flatMap((action) => v[action].split('\n').map((text) => text.trim()).filter(Boolean).map((text) => ({ text, action })));
  return { terms: all };
}

function touched({ items }) {
  if (!items.length) return h('p', { class: 'muted' }, t('terms.none'));
  return [h('p', { class: 'strong' }, t('terms.touched', { n: items.length })), h('div', { class: 'history' }, items.slice(0, 100).map(({ comment, action }) => {
    const row = commentRow(comment);
    row.append(h('span', { class: 'tag' }, t(`terms.${action}`)));
    return row;
  }))];
}
