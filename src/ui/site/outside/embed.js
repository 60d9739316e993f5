// A stream in a frame on a page of another site: its picture and what is said, to look at. It takes up no session and offers
// nothing that an account does; who wants to write is led to a window of the site's own.
import { LiveRoom } from '../livehouse.js';
import { get, piece } from '../core/api.js';
import { fill, h, lifetime } from '../core/dom.js';
import { explain, t } from '../core/i18n.js';
import { match } from '../core/routes.js';
import { empty } from '../components/live.js';
import { history } from '../room/history.js';
import { CommentList } from '../room/list.js';
import { Stage } from '../room/stage.js';
import { RoomState } from '../room/state.js';

const POP_UP = 'noopener,popup,width=420,height=720';

const main = document.querySelector('main');
const [id] = match([[/^\/embed\/([^/]+)$/, null]], location.pathname)?.params ?? [''];
let life = lifetime();

async function open() {
  life.end();
  life = lifetime();
  fill(main);
  try {
    draw(await get(`/streams/${piece(id)}`));
  } catch (error) {
    if (error.status === 404) return missing();
    fill(main, empty('warn', t('room.failed'), explain(error), h('button', { class: 'button primary', onclick: open }, t('retry'))));
  }
}

function draw(stream) {
  const live = new LiveRoom({ stream: stream.id });
  const state = new RoomState(live, stream);
  const stage = new Stage(state, life);
  const list = new CommentList({ myId: () => null, onearlier: () => history(state) });
  const away = h('p', { class: 'frame-away', role: 'status', hidden: true }, t('reconnecting'));
  const head = h('a', { class: 'frame-head', href: `/s/${stream.id}`, target: '_blank', rel: 'noopener' });
  const write = h('a', { class: 'button quiet wide', href: `/pop/${stream.id}`, target: '_blank', rel: 'noopener', onclick: inWindow }, t('embed.write'));
  const name = (now) => fill(head, h('bdi', { dir: 'auto' }, (document.title = now.title)));
  const chat = h('section', { class: 'chat', 'aria-label': t('chat') }, head, away, list.element, h('footer', { class: 'frame-foot' }, write));
  fill(main, h('div', { class: 'frame' }, stage.element, chat));
  name(stream);
  life.add(() => live.close());
  life.add(() => list.end());
  live.on('snapshot', ({ comments, stream: now }) => list.reset(comments, now.comment_count > comments.length));
  live.on('comment.created', ({ comment }) => {
    list.add(comment);
    stage.danmaku.show(comment);
  });
  state.on('stream', name);
  state.on('gone', (isGone) => {
    list.remove(isGone);
    stage.danmaku.forget(isGone);
  });
  state.on('status', ({ state: now, code, attempt }) => {
    away.hidden = !(now === 'reconnecting' && attempt > 1);
    if (now === 'closed' && code === 4404) missing();
  });
  live.connect();
}

function inWindow(event) {
  event.preventDefault();
  window.open(event.currentTarget.href, '_blank', POP_UP);
}

function missing() {
  life.end();
  fill(main, empty('search', t('room.missing'), t('room.missing.text')));
}

open();
