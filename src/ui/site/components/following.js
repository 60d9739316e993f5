// The people one follows, as a slim row: who is live stands first, and leads into the room.
import { fill, h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { avatar } from './cover.js';
import { nameOf } from './live.js';

/** The row, and the way to show `[{user, live}]` in it. */
export function followingRow() {
  const list = h('ul', { class: 'people' });
  const element = h('nav', { class: 'people-row', 'aria-label': t('following'), hidden: true }, list);
  const show = (row) => {
    const seen = JSON.stringify(row.map(({ user, live }) => [user.username, user.display_name, live?.id]));
    if (list.dataset.shown === seen) return;
    list.dataset.shown = seen;
    fill(list, row.map(person));
    element.hidden = row.length === 0;
  };
  return { element, show };
}

function person({ user, live }) {
  const href = live ? `/s/${live.id}` : `/u/${encodeURIComponent(user.username)}`;
  return h('li', null, h('a', { class: live ? 'person live' : 'person', href },
    h('span', { class: 'person-face' }, avatar(user, 52), live && h('span', { class: 'badge live' }, t('live'))),
    nameOf(user, 'person-name')));
}
