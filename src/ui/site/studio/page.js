// The studio: everything a host or moderator does about one stream, with the room's chat beside it.
import { LiveRoom } from '../livehouse.js';
import { h, fill } from '../core/dom.js';
import { get, piece, post } from '../core/api.js';
import { count, explain, t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { leave, me, onSession, token } from '../core/session.js';
import { icon } from '../components/icons.js';
import { badge, empty, skeleton } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { confirm, copy, tried } from '../components/overlay.js';
import { Chat } from '../room/chat.js';
import { RoomState } from '../room/state.js';
import { audit } from './audit.js';
import { details } from './details.js';
import { heldQueue } from './held.js';
import { overview } from './overview.js';
import { people } from './people.js';
import { settings } from './settings.js';
import { terms } from './terms.js';

const SECTIONS = {
  overview: ['chart', overview, 'settings'],
  details: ['edit', details, 'manage'],
  settings: ['gear', settings, 'settings'],
  terms: ['shield', terms, 'settings'],
  people: ['people', people, 'ban'],
  held: ['hand', heldQueue, 'review'],
  audit: ['list', audit, 'settings'],
};
const NO_STAGE = { danmaku: { show() {}, forget() {} }, floaters: { rise() {} } };

export async function open(place, [id]) {
  place.main.className = 'main studio-main';
  title(t('studio'));
  if (!me()) return refuse(place, t('studio.login'), id);
  place.main.append(h('div', { class: 'studio' }, h('div', { class: 'studio-desk' }, skeleton('studio-skeleton')), h('div', { class: 'chat' })));
  try {
    const stream = await get(`/streams/${piece(id)}`);
    if (place.current()) enter(place, stream);
  } catch (error) {
    if (place.current()) refuse(place, explain(error), id);
  }
}

function enter(place, stream) {
  const { life } = place;
  const live = new LiveRoom({ stream: stream.id, token });
  const state = new RoomState(live);
  state.set('stream', stream);
  state.set('viewers', stream.viewers);
  life.add(() => live.close());
  live.on('login', () => me() && leave());
  life.add(onSession(() => go(location.pathname, { replace: true })));
  let studio = null;
  life.add(state.on('you', () => {
    if (!state.may('settings')) return refuse(place, t('studio.forbidden'), stream.id);
    studio ? studio.drawNav() : (studio = new Studio(place, state));
  }));
  life.add(state.on('status', ({ state: now, code }) => now === 'closed' && code === 4404 && go('/')));
  live.connect();
}

class Studio {
  constructor({ main, life }, state) {
    Object.assign(this, { state, life });
    this.head = h('header', { class: 'studio-head' });
    this.nav = h('nav', { class: 'studio-nav', 'aria-label': t('studio') });
    this.body = h('div', { class: 'studio-body' });
    const chat = new Chat(state, life, NO_STAGE);
    fill(main, h('div', { class: 'studio' }, h('div', { class: 'studio-desk' }, this.head, this.nav, this.body), chat.element));
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#drawHead()));
    life.add(state.on('held', () => this.drawNav()));
    life.listen(window, 'hashchange', () => this.#show());
    this.#drawHead();
    this.#show();
  }

  #show() {
    const asked = location.hash.slice(1);
    this.shown = asked in SECTIONS && this.state.may(SECTIONS[asked][2]) ? asked : 'overview';
    this.drawNav();
    for (const end of this.ends?.splice(0) || []) end();
    this.ends = [];
    fill(this.body, SECTIONS[this.shown][1](this.state, this.ends));
    this.life.add(() => this.ends.splice(0).forEach((end) => end()));
  }

  drawNav() {
    const allowed = Object.entries(SECTIONS).filter(([, [, , right]]) => this.state.may(right));
    fill(this.nav, allowed.map(([name, [sign]]) => h('a', { class: 'tab', href: `#${name}`, 'aria-current': this.shown === name ? 'page' : null }, icon(sign, 18), t(`studio.${name}`),
      name === 'held' && this.state.held > 0 && h('span', { class: 'tab-count' }, count(this.state.held)))));
  }

  #drawHead() {
    const { stream } = this.state;
    const link = `${location.origin}/s/${stream.id}`;
    const start = h('button', { class: 'button live', type: 'button', onclick: () => this.#call('start') }, icon('play', 16), t('go.live'));
    const end = h('button', { class: 'button danger', type: 'button', onclick: () => this.#end() }, icon('stop', 16), t('end'));
    fill(this.head,
      h('div', { class: 'studio-title' }, h('div', { class: 'row' }, badge(stream), stream.visibility !== 'public' && h('span', { class: 'badge dim' }, t(`visibility.${stream.visibility}`))), h('h1', { dir: 'auto' }, stream.title)),
      h('div', { class: 'row' },
        h('button', { class: 'button quiet', type: 'button', onclick: () => copy(link) }, icon('link', 18), t('share.link')),
        h('a', { class: 'button quiet', href: `/s/${stream.id}` }, icon('eye', 18), t('open.room')),
        this.state.may('manage') && stream.status === 'scheduled' && start,
        this.state.may('manage') && stream.status === 'live' && end));
  }

  async #end() {
    if (await confirm(t('end.sure'), t('end.text'), t('end'))) await this.#call('end');
  }

  #call(what) {
    return tried(async () => {
      const stream = await post(`/streams/${this.state.stream.id}/${what}`);
      this.state.set('stream', { ...this.state.stream, ...stream });
    });
  }
}

function refuse(place, text, id) {
  const login = async () => (await askLogin()) && open(place, [id]);
  fill(place.main, empty('lock', t('studio'), text,
    me() ? h('a', { class: 'button primary', href: `/s/${id}` }, t('open.room')) : h('button', { class: 'button primary', type: 'button', onclick: login }, t('login'))));
}
