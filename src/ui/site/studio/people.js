// Who helps, who may come in, who is kept from writing.
import { h } from '../core/dom.js';
import { del, piece, put } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { field, form, input } from '../components/form.js';
import { nameOf } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { line, paged, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';

export function people(state, life) {
  const manage = state.may('manage');
  return [
    manage && trusted(t('moderators'), t('moderators.hint'), state.path('/moderators')),
    manage && state.stream.visibility === 'private' && trusted(t('members'), t('members.hint'), state.path('/members')),
    bans(state, life),
  ];
}

function trusted(heading, hint, path) {
  const { list, adding } = accounts(path, t('remove'), (user) => [user, `@${user.username}`]);
  return panel(heading, hint, adding([], t('add')), list);
}

function bans(state, life) {
  const shown = ({ user, until, reason }) => [user, [until ? t('until', { time: when(until) }) : t('for.good'), reason && [' · ', h('bdi', null, reason)]]];
  const { list, load, adding } = accounts(state.path('/bans'), t('unban'), shown);
  for (const type of ['viewer.banned', 'viewer.unbanned']) life.add(state.live.on(type, load));
  const fields = [
    spanField('duration_s', t('ban.lasts'), 600, { offered: [60, 600, 3600, 86_400, 604_800, Infinity] }),
    field(t('ban.reason'), input('reason', { dir: 'auto' })),
  ];
  const body = (values) => {
    const length = toSeconds(values, 'duration_s', { forGood: true, unit: 60 });
    return { duration_s: length === Infinity ? null : length, reason: values.reason.trim() || undefined };
  };
  return panel(t('bans'), t('bans.hint'), adding(fields, t('ban.short'), body), list);
}

/** The accounts at `path`, put there and deleted by their names; `shown(item)` gives one and what is said of it. */
function accounts(path, undoLabel, shown) {
  const list = h('ul', { class: 'lines' });
  const at = (name) => `${path}/${piece(name)}`;
  const row = (item) => {
    const [user, more] = shown(item);
    const undo = async () => (await tried(() => del(at(user.username)))) && load();
    return line(avatar(user, 38), [nameOf(user, 'strong'), h('div', { class: 'muted small' }, more)], h('button', { class: 'button quiet small', onclick: undo }, undoLabel));
  };
  const load = paged(list, path, (items) => (items.length ? items.map(row) : h('li', { class: 'muted' }, t('list.none'))));
  const adding = (fields, label, body = () => undefined) => {
    const name = field(t('username'), input('username', { autocapitalize: 'none', autocomplete: 'off' }));
    const add = async ({ username, ...values }, it) => {
      await put(at(username.trim().replace(/^@/, '')), body(values));
      it.reset();
      load();
    };
    return form([name, ...fields], label, add, { quiet: true, className: 'form inline' });
  };
  return { list, load, adding };
}
