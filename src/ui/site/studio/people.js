// Who helps, who may come in, who is kept from writing.
import { h } from '../core/dom.js';
import { del, piece, put } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { field, form, input, select } from '../components/form.js';
import { nameOf } from '../components/live.js';
import { attempt, line, paged, panel } from '../components/panel.js';

export function people(state, ends) {
  const path = `/streams/${state.stream.id}`;
  const manage = state.may('manage');
  return [
    manage && named(t('moderators'), t('moderators.hint'), `${path}/moderators`),
    manage && state.stream.visibility === 'private' && named(t('members'), t('members.hint'), `${path}/members`),
    bans(`${path}/bans`, state, ends),
  ];
}

/** A list kept by username. */
function named(heading, hint, path) {
  const list = h('ul', { class: 'lines' });
  const load = paged(list, path, (items) => rows(items, async (user) => {
    if (await attempt(() => del(`${path}/${piece(user.username)}`))) load();
  }, t('remove')));
  const add = async ({ username }, it) => {
    await put(`${path}/${piece(username.trim().replace(/^@/, ''))}`);
    it.reset();
    load();
  };
  return panel(heading, hint, form([field(t('username'), input('username', { autocapitalize: 'none', autocomplete: 'off' }))], t('add'), add, { quiet: true, className: 'form inline' }), list);
}

function rows(items, undo, label) {
  if (!items.length) return h('li', { class: 'muted' }, t('list.none'));
  return items.map((item) => {
    const user = item.user || item;
    const more = item.user && 'until' in item ? [item.until ? t('until', { time: when(item.until) }) : t('for.good'), item.reason && [' · ', h('bdi', null, item.reason)]] : `@${user.username}`;
    return line(avatar(user, 38), [nameOf(user, 'strong'), h('div', { class: 'muted small' }, more)],
      h('button', { class: 'button quiet small', type: 'button', onclick: () => undo(user) }, label));
  });
}

const DURATIONS = [[60, 'duration.1m'], [600, 'duration.10m'], [3600, 'duration.1h'], [86400, 'duration.1d'], [604800, 'duration.1w'], ['', 'for.good']];

function bans(path, state, ends) {
  const list = h('ul', { class: 'lines' });
  const load = paged(list, path, (items) => rows(items, async (user) => {
    if (await attempt(() => del(`${path}/${piece(user.username)}`))) load();
  }, t('unban')));
  for (const type of ['viewer.banned', 'viewer.unbanned']) ends.push(state.live.on(type, load));
  const fields = [
    field(t('username'), input('username', { autocapitalize: 'none', autocomplete: 'off' })),
    field(t('ban.lasts'), select('duration_s', DURATIONS.map(([s, key]) => [String(s), t(key)]), '600')),
    field(t('ban.reason'), input('reason', { dir: 'auto' })),
  ];
  const add = async ({ username, duration_s, reason }, it) => {
    const body = { duration_s: duration_s ? Number(duration_s) : null };
    if (reason.trim()) body.reason = reason.trim();
    await put(`${path}/${piece(username.trim().replace(/^@/, ''))}`, body);
    it.reset();
    load();
  };
  return panel(t('bans'), t('bans.hint'), form(fields, t('ban.short'), add, { quiet: true, className: 'form inline' }), list);
}
