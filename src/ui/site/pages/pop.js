// What is said in a room, and the place to write, in a window of its own: beside a picture that is shown elsewhere.
import { fill, h } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { arrive, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { empty } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { Chat } from '../room/chat.js';
import { join } from '../room/join.js';

/** There is no picture for anything to fly over. */
const NO_STAGE = { danmaku: { show() {}, forget() {} }, floaters: { rise() {} } };

export function open(place, [id]) {
  document.documentElement.classList.add('popped');
  place.life.add(() => document.documentElement.classList.remove('popped'));
  return load(place, id);
}

const load = (place, id) => arrive(place, () => get(`/streams/${piece(id)}`), (stream) => draw(place, stream), (error) => refuse(place, error, id));

function draw({ main, life }, stream) {
  title(stream.title);
  const state = join(stream, life);
  const chat = new Chat(state, life, NO_STAGE);
  const heading = h('h1', { class: 'sr' }, stream.title);
  fill(main, heading, h('div', { class: 'pop' }, chat.element));
  life.add(state.on('stream', (now) => title((heading.textContent = now.title))));
  life.add(onSession((_user, { ended }) => ended || state.live.renew()));
  life.add(state.on('status', ({ state: now, code }) => now === 'closed' && code === 4404 && fill(main, empty('search', t('room.gone'), t('room.gone.text')))));
  state.live.connect();
}

function refuse(place, error, id) {
  const missing = error.status === 404;
  const login = async () => (await askLogin()) && load(place, id);
  const again = h('button', { class: 'button primary', onclick: () => load(place, id) }, t('retry'));
  fill(place.main, missing
    ? empty('search', t('room.missing'), t('room.missing.text'), !me() && h('button', { class: 'button primary', onclick: login }, t('login')))
    : empty('warn', t('room.failed'), explain(error), again));
  title(t(missing ? 'room.missing' : 'room.failed'));
}
