// The studio: everything a host or moderator does about one stream, with the room's chat beside it.
import { fill, h, lifetime, refill } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { count, explain, t } from '../core/i18n.js';
import { arrive, go, redraw, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { icon } from '../components/icons.js';
import { badge, empty, skeleton } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { copy } from '../components/overlay.js';
import { Chat } from '../room/chat.js';
import { join } from '../room/join.js';
import { end, start } from '../room/run.js';
import { audit } from './audit.js';
import { broadcast } from './broadcast.js';
import { channelDetails, details } from './details.js';
import { heldQueue } from './held.js';
import { overview } from './overview.js';
import { channelPeople, people } from './people.js';
import { mayInChannel, scopes } from './scope.js';
import { channelSettings, settings } from './settings.js';
import { channelTerms, terms } from './terms.js';

// Each with its sign, what it shows, the right it takes, and what it shows of the channel, where it has that.
const SECTIONS = {
  overview: ['chart', overview, 'settings'],
  broadcast: ['video', broadcast, 'manage'],
  details: ['edit', details, 'manage', channelDetails],
  settings: ['gear', settings, 'settings', channelSettings],
  terms: ['shield', terms, 'settings', channelTerms],
  people: ['people', people, 'ban', channelPeople],
  held: ['hand', heldQueue, 'review'],
  audit: ['list', audit, 'settings'],
};
const NO_STAGE = { danmaku: { show() {}, forget() {} }, floaters: { rise() {} } };

export function open(place, [id]) {
  title(t('studio'));
  if (!me()) return refuse(place, t('studio.login'), id);
  place.main.append(h('div', { class: 'studio' }, h('div', { class: 'studio-main' }, skeleton('studio-skeleton')), h('div', { class: 'chat' })));
  return arrive(place, () => get(`/streams/${piece(id)}`), (stream) => enter(place, stream), (error) => refuse(place, explain(error), id));
}

function enter(place, stream) {
  const { life } = place;
  const state = join(stream, life);
  life.add(onSession(() => redraw({ fresh: true })));
  let studio = null;
  life.add(state.on('you', () => {
    if (!state.may('settings')) return refuse(place, t('studio.forbidden'), stream.id);
    studio ? studio.drawNav() : (studio = new Studio(place, state));
  }));
  life.add(state.on('status', ({ state: now, code }) => now === 'closed' && code === 4404 && go('/', { isAsked: true })));
  state.live.connect();
}

class Studio {
  constructor({ main, life }, state) {
    Object.assign(this, { state, life });
    this.head = h('header', { class: 'studio-head' });
    this.nav = h('nav', { class: 'studio-nav', 'aria-label': t('studio') });
    this.body = h('div', { class: 'studio-body' });
    const chat = new Chat(state, life, NO_STAGE);
    fill(main, h('div', { class: 'studio' }, h('div', { class: 'studio-main' }, this.head, this.nav, this.body), chat.element));
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#drawHead()));
    life.add(state.on('held', () => this.drawNav()));
    life.listen(window, 'hashchange', () => this.#show());
    life.add(() => this.section.end());
    this.mayInChannel = state.may('manage');
    this.#show();
    if (!this.mayInChannel) this.#lookAtChannel();
  }

  /** A moderator of this stream alone has nothing to do there. */
  async #lookAtChannel() {
    this.mayInChannel = await mayInChannel(this.state);
    if (this.mayInChannel && SECTIONS[this.shown][3]) this.#show();
  }

  #show() {
    const [asked, scope] = location.hash.slice(1).split('.');
    this.shown = asked in SECTIONS && this.state.may(SECTIONS[asked][2]) ? asked : 'overview';
    this.drawNav();
    this.section?.end();
    this.section = lifetime();
    const [, ofStream, , ofChannel] = SECTIONS[this.shown];
    const hasBoth = ofChannel && this.mayInChannel;
    const isOfChannel = hasBoth && scope === 'channel';
    fill(this.body, hasBoth && scopes(this.shown, isOfChannel), (isOfChannel ? ofChannel : ofStream)(this.state, this.section, this.life));
    this.#drawHead();
  }

  drawNav() {
    const allowed = Object.entries(SECTIONS).filter(([, [, , right]]) => this.state.may(right));
    refill(this.nav, [allowed.map(([name]) => name), this.shown, this.state.held], () => allowed.map(([name, [sign]]) => h('a', { class: 'tab', href: `#${name}`, 'aria-current': this.shown === name ? 'page' : null }, icon(sign, 18), t(`studio.${name}`),
      name === 'held' && this.state.held > 0 && h('span', { class: 'tab-count' }, count(this.state.held)))));
  }

  #drawHead() {
    const { stream } = this.state;
    const link = `${location.origin}/s/${stream.id}`;
    const may = this.state.may('manage');
    refill(this.head, [stream.title, stream.status, stream.visibility, may, this.shown === 'broadcast'], () => [
      h('div', { class: 'studio-title' }, h('div', { class: 'row' }, badge(stream), stream.visibility !== 'public' && h('span', { class: 'badge dim' }, t(`visibility.${stream.visibility}`))), h('h1', { dir: 'auto' }, stream.title)),
      h('div', { class: 'row' },
        h('button', { class: 'button quiet', onclick: () => copy(link) }, icon('link', 18), t('share.link')),
        h('a', { class: 'button quiet', href: `/s/${stream.id}` }, icon('eye', 18), t('open.room')),
        may && stream.status === 'scheduled' && this.#startButton(),
        may && stream.status === 'live' && h('button', { class: 'button danger', onclick: () => end(this.state) }, icon('stop', 16), t('end'))),
    ]);
  }

  /** The tab of the broadcast has a button that goes live with a picture: beside it this one says that it goes without. */
  #startButton() {
    const bare = this.shown === 'broadcast';
    return h('button', { class: bare ? 'button quiet' : 'button live', name: 'start', onclick: () => start(this.state) }, !bare && icon('play', 16), t(bare ? 'go.live.bare' : 'go.live'));
  }
}

function refuse(place, text, id) {
  const login = async () => (await askLogin()) && open(place, [id]);
  fill(place.main, empty('lock', t('studio'), text,
    me() ? h('a', { class: 'button primary', href: `/s/${id}` }, t('open.room')) : h('button', { class: 'button primary', onclick: login }, t('login'))));
}
