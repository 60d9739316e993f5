// One comment in the list: who, with which role, what; and how it stands with one's own while it is on its way.
import { h, said } from '../core/dom.js';
import { clock, explain, t } from '../core/i18n.js';
import { tint } from '../core/random.js';
import { nameOf, roleBadge } from '../components/live.js';
import { words } from '../components/words.js';

/** The row of a comment. `quoted` is what it replies to, where that is known. */
export function commentRow(comment, { mine = false, quoted = null } = {}) {
  const row = h('div', { class: classes(comment, mine), tabindex: '-1', dataset: { id: comment.id || '' } });
  if (comment.reply_to) row.append(quote(quoted));
  row.append(stamp(comment));
  const role = roleBadge(comment.user.role);
  if (role) row.append(role);
  row.append(h('span', { class: `name tint-${tint(comment.user.id)}` }, nameOf(comment.user, '')), words(comment.content, 'text'));
  return row;
}

function classes(comment, mine) {
  const role = comment.user.role === 'host' ? ' by-host' : '';
  return `comment${role}${mine ? ' mine' : ''}`;
}

function stamp(comment) {
  const iso = comment.created_at || new Date().toISOString();
  return h('time', { class: 'stamp', datetime: iso }, clock(iso));
}

function quote(quoted) {
  const text = quoted ? [nameOf(quoted.user, 'strong'), ' ', said(quoted.content)] : t('reply.unknown');
  return h('div', { class: 'quote' }, text);
}

/** What the row replies to is gone; its words must not stay. */
export function unquote(row) {
  row.querySelector('.quote')?.replaceChildren(t('reply.gone'));
}

/** How many equal comments this row stands for. */
export function showCount(row, n) {
  let mark = row.querySelector('.times');
  if (n < 2) return mark?.remove();
  if (!mark) row.append((mark = h('span', { class: 'times' })));
  mark.textContent = `×${n}`;
}

/** Own comment on its way: `pending`, `held`, or `failed` with what to do. */
export function showFate(row, fate, { error, retry, discard } = {}) {
  row.classList.remove('pending', 'held', 'failed');
  row.querySelector('.fate')?.remove();
  if (!fate) return;
  row.classList.add(fate);
  const told = fate === 'failed' ? explain(error) : t(`fate.${fate}`);
  const note = h('div', { class: 'fate' }, h('span', null, told));
  if (retry) note.append(h('button', { class: 'link', onclick: retry }, t('retry')));
  if (discard) note.append(h('button', { class: 'link', onclick: discard }, t('discard')));
  row.append(note);
}
