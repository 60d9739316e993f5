// One comment in the list: who, with which role, what; and how it stands with one's own while it is on its way.
import { h, said } from '../core/dom.js';
import { clock, duration, explain, t } from '../core/i18n.js';
import { tint } from '../core/random.js';
import { botBadge, nameOf, roleBadge } from '../components/live.js';
import { words } from '../components/words.js';
import { spoken } from './talk/spoken.js';

/** The row of a comment. `quoted` is what it replies to, where that is known; `people` are those of the room, who may be
 * named in it; `myId` the reader's; `onmoment` goes to when it was said, in a replay. */
export function commentRow(comment, { mine = false, quoted = null, people = null, myId = null, onmoment = null } = {}) {
  const { text, acts } = spoken(comment.content);
  const named = people?.mentions(text) ?? [];
  const toMe = !mine && (named.some(({ me }) => me) || Boolean(myId && quoted?.user.id === myId));
  const row = h('div', { class: classes(comment, { mine, action: acts, 'to-me': toMe }), tabindex: '-1', dataset: { id: comment.id || '' } });
  if (comment.reply_to) row.append(quote(quoted));
  row.append(onmoment ? moment(comment, onmoment) : stamp(comment));
  const role = roleBadge(comment.user.role);
  if (role) row.append(role);
  const bot = botBadge(comment.user);
  if (bot) row.append(bot);
  const shade = people ? people.tints.of(comment.user.id) : tint(comment.user.id);
  row.append(h('span', { class: `name tint-${shade % 12}${shade < 12 ? '' : ' deep'}` }, nameOf(comment.user, '')), words(text, 'text', named));
  return row;
}

function classes(comment, kinds) {
  const all = { 'by-host': comment.user.role === 'host', ...kinds };
  return ['comment', ...Object.keys(all).filter((kind) => all[kind])].join(' ');
}

function stamp(comment) {
  const iso = comment.created_at || new Date().toISOString();
  return h('time', { class: 'stamp', datetime: iso }, clock(iso));
}

function moment(comment, onmoment) {
  return h('button', { class: 'stamp moment', title: t('replay.here'), onclick: () => onmoment(comment) }, duration(comment.offset_ms ?? 0));
}

function quote(quoted) {
  const text = quoted ? [nameOf(quoted.user, 'strong'), ' ', said(quoted.content)] : t('reply.unknown');
  return h('div', { class: 'quote' }, text);
}

/** What the row replies to is gone; its words must not stay, but why they do not. */
export function unquote(row, why) {
  row.querySelector('.quote')?.replaceChildren(t(why));
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
