// Who helps, who may come in, who is kept from writing: in this stream, or in all streams of its host.
import { h } from '../core/dom.js';
import { del, piece, put } from '../core/api.js';
import { t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { field, form, input } from '../components/form.js';
import { nameOf } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { line, paged, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';
import { channelPath } from './scope.js';

export function people(state, life) {
  const manage = state.may('manage');
  return [
    manage && trusted(t('moderators'), t('moderators.hint'), state.path('/moderators')),
    manage && state.stream.visibility === 'private' && trusted(t('members'), t('members.hint'), state.path('/members')),
    bans(state, life, state.path('/bans'), { hint: t('bans.hint'), scope: 'stream' }),
  ];
}

export function channelPeople(state, life) {
  return [
    state.may('manage') && trusted(t('moderators'), t('moderators.channel.hint'), channelPath(state, '/moderators'), { isOfChannel: true }),
    bans(state, life, channelPath(state, '/bans'), { hint: t('bans.channel.hint'), isOfChannel: true }),
  ];
}

/** A list with a place to add to it. Who was appointed in the channel is dismissed there. */
function trusted(heading, hint, path, { isOfChannel = false } = {}) {
  const shown = (user) => ({ user, more: `@${user.username}`, isOfChannel: !isOfChannel && user.scope === 'channel' });
  const { list, adding } = accounts(path, (item) => !item.isOfChannel && t('remove'), shown);
  return panel(heading, hint, adding([], t('add')), list);
}

function bans(state, life, path, { hint, scope, isOfChannel = false }) {
  const shown = ({ user, until, reason, scope: holds }) => ({
    user,
    more: [until ? t('until', { time: when(until) }) : t('for.good'), reason && [' · ', h('bdi', null, reason)]],
    isOfChannel: !isOfChannel && holds === 'channel',
  });
  const { list, load, adding } = accounts(path, () => t('unban'), shown);
  for (const type of ['viewer.banned', 'viewer.unbanned']) life.add(state.live.on(type, load));
  const fields = [
    spanField('duration_s', t('ban.lasts'), 600, { offered: [60, 600, 3600, 86_400, 604_800, Infinity] }),
    field(t('ban.reason'), input('reason', { dir: 'auto' })),
  ];
  const body = (values) => {
    const length = toSeconds(values, 'duration_s', { forGood: true, unit: 60 });
    return { duration_s: length === Infinity ? null : length, reason: values.reason.trim() || undefined, scope };
  };
  return panel(t('bans'), hint, adding(fields, t('ban.short'), body), list);
}

/** The accounts at `path`, put there and deleted by their names; `shown(item)` gives one and what is said of it, `undoLabel`
 * the word for deleting it, if that can be done here. */
function accounts(path, undoLabel, shown) {
  const list = h('ul', { class: 'lines' });
  const at = (name) => `${path}/${piece(name)}`;
  const row = (item) => {
    const { user, more, isOfChannel } = item;
    const undo = async () => (await tried(() => del(at(user.username)))) && load();
    const label = undoLabel(item);
    return line(avatar(user, 38), [nameOf(user, 'strong'), isOfChannel && [' ', h('span', { class: 'tag' }, t('scope.channel.tag'))], h('div', { class: 'muted small' }, more)],
      label && h('button', { class: 'button quiet small', onclick: undo }, label));
  };
  const load = paged(list, path, (items) => (items.length ? items.map(shown).map(row) : h('li', { class: 'muted' }, t('list.none'))));
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
