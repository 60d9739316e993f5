// Words that are masked, held or refused, in this stream or in the channel; tried on what was said here before they are saved.
import { h } from '../core/dom.js';
import { get, post, put } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, form, textarea, values } from '../components/form.js';
import { filled, panel } from '../components/panel.js';
import { commentRow } from '../room/row.js';
import { channelPath } from './scope.js';

const ACTIONS = ['mask', 'hold', 'reject'];

export const terms = (state) => words(state, state.path('/terms'), t('terms.hint'));
export const channelTerms = (state) => words(state, channelPath(state, '/terms'), t('terms.channel.hint'));

function words(state, path, hint) {
  const test = state.path('/terms/test');
  const box = h('div');
  const result = h('div', { class: 'dry-run', 'aria-live': 'polite' });
  filled(box, () => get(path), (answer) => editor(answer.terms, path, test, result));
  return panel(t('studio.terms'), hint, box, result);
}

function editor(saved, path, test, result) {
  const lines = (action) => saved.filter((term) => term.action === action).map((term) => term.text).join('\n');
  const fields = ACTIONS.map((action) => field(t(`terms.${action}`), textarea(action, { rows: 5, value: lines(action), dir: 'auto', spellcheck: 'false' }), t(`terms.${action}.hint`)));
  const it = form(h('div', { class: 'columns three' }, fields), t('save'), (v) => put(path, body(v)));
  const tried = () => filled(result, () => post(test, body(values(it))), touched);
  it.querySelector('.row.end').prepend(h('button', { class: 'button quiet', onclick: tried }, t('terms.test')));
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
