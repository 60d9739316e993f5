// The card of a person: who it is, what they said here, and what the reader may do about them.
import { h, fill } from '../../core/dom.js';
import { get, piece, put } from '../../core/api.js';
import { t, when } from '../../core/i18n.js';
import { isIgnored } from '../../core/ignored.js';
import { ignoreAs } from '../../core/ignoring.js';
import { mayBan } from '../../core/roles.js';
import { me } from '../../core/session.js';
import { avatar } from '../../components/cover.js';
import { followButton } from '../../components/follow.js';
import { form } from '../../components/form.js';
import { icon, tinyButton } from '../../components/icons.js';
import { botBadge, nameOf, roleBadge } from '../../components/live.js';
import { toast, tried } from '../../components/overlay.js';
import { paged } from '../../components/panel.js';
import { spanField, toSeconds } from '../../components/span-field.js';
import { dated, opened } from '../past.js';
import { ban, banForGood, unban } from './verdicts.js';

/** Opens the card of `user`, as a comment shows them. */
export function card(user, state, composer) {
  const ends = [];
  const results = h('div', { class: 'history', role: 'group', 'aria-label': t('said.here') });
  const since = h('span');
  const sign = h('span', null, avatar(user, 48));
  get(`/users/${piece(user.username)}`).then((whole) => {
    since.textContent = ` · ${t('joined', { time: when(whole.created_at) })}`;
    fill(sign, avatar(whole, 48));
  }, () => {});
  paged(results, state.path('/comments'), (items) => (items.length ? items.map((comment) => row(comment, state)) : h('p', { class: 'muted' }, t('history.none'))), { user: user.username });
  const content = (close) => [
    h('div', { class: 'card-head' }, sign, h('div', null, nameOf(user, 'strong'), ' ', roleBadge(user.role), botBadge(user),
      h('div', { class: 'muted small' }, '@', h('bdi', null, user.username), since))),
    h('div', { class: 'row' }, buttons(user, state, composer, close, ends)),
    mayBan(state.you, user) && verdicts(user, state),
    h('h3', null, t('said.here')),
    results,
  ];
  return opened(state, user.display_name, results, content, { className: 'tall card-of' }).finally(() => ends.forEach((end) => end()));
}

function buttons(user, state, composer, close, ends) {
  const quiet = (sign, words, run) => h('button', { class: 'button quiet small', onclick: run }, icon(sign, 18), words);
  const profile = h('a', { class: 'button quiet small', href: `/u/${piece(user.username)}`, onclick: () => close() }, icon('user', 18), t('profile'));
  if (user.id === me()?.id) return [profile];
  const name = () => {
    close();
    composer.write(`@${user.username} `);
  };
  const promote = () => tried(() => put(state.path(`/moderators/${piece(user.username)}`)), t('moderator.made', { name: user.display_name }));
  return [
    followButton(user, { add: (end) => ends.push(end) }),
    profile,
    state.may('comment') && quiet('chat', t('mention'), name),
    state.may('manage') && user.role === 'viewer' && quiet('shield', t('moderator.make'), promote),
    user.role !== 'host' && ignoring(user),
  ];
}

function ignoring(user) {
  const button = h('button', { class: 'button quiet small', onclick: () => turn() });
  const draw = () => {
    button.setAttribute('aria-pressed', String(isIgnored(user.id)));
    fill(button, icon('ban', 18), t(isIgnored(user.id) ? 'ignore.no' : 'ignore'));
  };
  const turn = () => {
    ignoreAs(user, !isIgnored(user.id));
    if (isIgnored(user.id)) toast(t('ignore.done', { name: user.display_name }), { kind: 'good' });
    draw();
  };
  draw();
  return button;
}

/** For moderators. */
function verdicts(user, state) {
  const send = (values) => ban(state, user, bounded(toSeconds(values, 'duration_s', { forGood: true, unit: 60 })));
  return h('div', { class: 'verdicts' },
    form([spanField('duration_s', t('timeout'), 600)], t('timeout'), send, { quiet: true, className: 'form inline' }),
    h('div', { class: 'row' },
      h('button', { class: 'button danger small', onclick: () => banForGood(state, user) }, icon('ban', 18), t('ban')),
      h('button', { class: 'button quiet small', onclick: () => unban(state, user) }, icon('check', 18), t('unban.do'))));
}

const bounded = (length) => (length === Infinity ? null : length);

function row(comment, state) {
  const line = dated(comment);
  const mine = comment.user.id === me()?.id;
  if (state.may('delete') || mine) line.append(tinyButton('trash', t('delete'), () => tried(() => state.live.remove(comment.id)), { class: 'tiny row-act' }));
  return line;
}
