// The room: the stage with what flies over it, what is said beside it, and what is known about the stream below.
import { h, fill } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { arrive, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { ahead, part, unloaded } from '../components/load.js';
import { empty, skeleton } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { About } from './about.js';
import { join } from './join.js';
import { Stage } from './stage.js';

const UNSEEN_MS = 200;
const PICTURE_MS = 600; // for so long the chat waits for the picture

export function open(place, [id]) {
  const waiting = h('div', { class: 'room' }, h('div', { class: 'room-main' }, skeleton('stage-skeleton')), h('div', { class: 'chat' }));
  place.main.append(waiting);
  return arrive(place, () => get(`/streams/${piece(id)}`), (stream) => enter(place, stream), (error) => refuse(place, error, id));
}

/** The picture first: the chat, half of a room's modules, is asked for once the stage has been seen, and the picture moves where
 * that is soon: both at once would be slower for both. */
async function enter(place, stream) {
  const { main, life } = place;
  title(stream.title);
  const state = join(stream, life);
  const stage = new Stage(state, life);
  const about = new About(state, life);
  const seat = h('div', { class: 'chat' });
  const heading = h('h1', { class: 'sr' }, stream.title);
  fill(main, heading, h('div', { class: 'room' }, h('div', { class: 'room-main' }, stage.element, about.element), seat));
  life.add(state.on('stream', (s) => title((heading.textContent = s.title))));
  life.add(onSession((_user, { ended }) => ended || state.live.renew()));
  life.add(state.on('status', (status) => status.state === 'closed' && gone(main, status)));
  await Promise.all([seen(), Promise.race([stage.picture.settled, soon()])]);
  ahead();
  const module = await part(() => import('./chat.js'), () => place.current() && fill(seat, unloaded()));
  if (!place.current()) return;
  const chat = module && new module.Chat(state, life, stage);
  if (chat) seat.replaceWith(chat.element);
  state.live.connect();
  if (chat && state.stream.status === 'ended') return replay(state, life, stage, chat);
  if (chat) canRewind(state, life, stage);
}

/** Resolves when the browser has drawn, or after a moment where nobody looks. */
function seen() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, UNSEEN_MS);
  });
}

const soon = () => new Promise((done) => setTimeout(done, PICTURE_MS));

/** The buttons to go back come with the first answer that says that one can. */
function canRewind(state, life, stage) {
  const look = async () => {
    if (!stage.picture.canRewind || state.stream.status !== 'live') return;
    end();
    const module = await part(() => import('./replay/rewind.js'));
    if (module && state.stream.status === 'live') new module.Rewind(state, life, stage);
  };
  const end = life.add(stage.picture.on('change', look));
  look();
}

async function replay(state, life, stage, chat) {
  const module = await part(() => import('./replay/replay.js'));
  if (module) new module.Replay(state, life, stage, chat);
}

function refuse(place, error, id) {
  const again = () => open(clear(place), [id]);
  const login = async () => (await askLogin()) && again();
  const missing = error.status === 404;
  fill(place.main, missing
    ? empty('search', t('room.missing'), t('room.missing.text'), !me() && h('button', { class: 'button primary', onclick: login }, t('login')), h('a', { class: 'button quiet', href: '/' }, t('home')))
    : empty('warn', t('room.failed'), explain(error), h('button', { class: 'button primary', onclick: again }, t('retry'))));
  title(t(missing ? 'room.missing' : 'room.failed'));
}

function clear(place) {
  place.main.replaceChildren();
  return place;
}

/** The stream was deleted, or is hidden from this viewer now. */
function gone(main, { code }) {
  if (code !== 4404) return;
  fill(main, empty('search', t('room.gone'), t('room.gone.text'), h('a', { class: 'button primary', href: '/' }, t('home'))));
}
