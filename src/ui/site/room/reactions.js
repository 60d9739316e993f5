// The six reactions: taps are gathered and sent together, totals come back as latest values.
import { h } from '../core/dom.js';
import { count, t } from '../core/i18n.js';
import { me } from '../core/session.js';
import { popupButton } from '../components/icons.js';
import { askLogin } from '../components/login.js';
import { popup } from '../components/overlay.js';
import { REACTIONS } from './floaters.js';
import { Taps } from './taps.js';

const GATHER_MS = 400;

export class Reactions {
  #taps = new Taps();
  #timer = 0;

  constructor(state, life, stage) {
    Object.assign(this, { state, stage });
    this.numbers = {};
    this.element = h('div', { class: 'reactions', role: 'group', 'aria-label': t('reactions') }, Object.keys(REACTIONS).map((kind) => this.#button(kind)));
    this.opener = popupButton('heart', t('reactions'), (anchor) => this.#open(anchor), { class: 'react' });
    life.add(state.on('reactions', (totals) => this.#show(totals)));
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#gate()));
    this.#gate();
    this.#show(state.reactions);
  }

  /** A guest is asked to log in; who is banned is not offered what would be refused. */
  #gate() {
    const { stream, you } = this.state;
    this.element.hidden = stream.status === 'ended' || Boolean(you?.user && !this.state.may('react'));
    this.opener.hidden = this.element.hidden;
  }

  /** Where there is no place for all of them, one button opens them; they stay for several taps. */
  #open(anchor) {
    const button = (kind) => h('button', { class: 'emoji', title: t(`reaction.${kind}`), 'aria-label': t(`reaction.${kind}`), onclick: () => this.#tap(kind) }, REACTIONS[kind]);
    popup(anchor, () => h('div', { class: 'row' }, Object.keys(REACTIONS).map(button)), { label: t('reactions'), above: true });
  }

  #button(kind) {
    this.numbers[kind] = h('span', { class: 'reaction-count' });
    const button = h('button', { class: 'reaction', title: t(`reaction.${kind}`), onclick: () => this.#tap(kind) },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, REACTIONS[kind]), h('span', { class: 'sr' }, t(`reaction.${kind}`)), this.numbers[kind]);
    return button;
  }

  async #tap(kind) {
    if (!me()) return askLogin();
    if (!this.state.may('react')) return;
    this.stage.floaters.rise(kind);
    this.#taps.add(kind);
    if (!this.#timer) this.#timer = setTimeout(() => this.#send(), GATHER_MS);
  }

  #send() {
    this.#timer = 0;
    for (const [kind, n] of this.#taps.take()) this.state.live.react(kind, n);
  }

  #show(totals) {
    for (const kind of Object.keys(REACTIONS)) this.numbers[kind].textContent = totals[kind] ? count(totals[kind]) : '';
    for (const [kind, n] of this.#taps.others(totals)) this.stage.floaters.rise(kind, Math.ceil(Math.sqrt(n)));
  }
}
