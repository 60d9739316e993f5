// What moderators decide about somebody; whether it was done is said.
import { del, piece, put } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { confirm, tried } from '../../components/overlay.js';

/** Keeps somebody from writing for so many seconds, null for good. */
export function ban(state, user, duration_s, { reason, delete_comments } = {}) {
  const done = t(duration_s === null ? 'ban.done' : 'timeout.done', { name: user.display_name ?? user.username });
  return tried(() => put(at(state, user), { duration_s, reason, delete_comments }), done);
}

/** For good and with all that they said, once that is confirmed. */
export async function banForGood(state, user) {
  const sure = await confirm(t('ban.sure', { name: user.display_name }), t(state.may('manage') ? 'ban.text.everywhere' : 'ban.text'), t('ban'));
  return sure && ban(state, user, null, { delete_comments: true });
}

/** They may write again. */
export function unban(state, user) {
  return tried(() => del(at(state, user)), t('unban.done', { name: user.display_name ?? user.username }));
}

const at = (state, { username }) => state.path(`/bans/${piece(username)}`);
