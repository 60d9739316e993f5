// The chat of a room alone, in a window of its own or beside a game.
import { h, fill } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { arrive, title } from '../core/router.js';
import { onSession } from '../core/session.js';
import { empty } from '../components/live.js';
import { Chat } from '../room/chat.js';
import { join } from '../room/join.js';

/** In the place of a stage, where nothing flies. */
const NO_STAGE = { danmaku: { show() {}, forget() {} }, floaters: { rise() {} } };

export function open(place, [id]) {
  document.documentElement.classList.add('popped');
  place.life.add(() => document.documentElement.classList.remove('popped'));
  return arrive(place, () => get(`/streams/${piece(id)}`), (stream) => enter(place, stream), (error) => {
    title(t('room.missing'));
    fill(place.main, empty('search', t('room.missing'), error.status === 404 ? t('room.missing.text') : explain(error)));
  });
}

function enter({ main, life }, stream) {
  title(stream.title);
  const state = join(stream, life);
  const chat = new Chat(state, life, NO_STAGE);
  fill(main, h('h1', { class: 'sr' }, stream.title), h('div', { class: 'pop' }, chat.element));
  life.add(onSession((_user, { ended }) => ended || state.live.renew()));
  state.live.connect();
}
