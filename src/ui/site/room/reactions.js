// The six reactions: taps are gathered and sent together, totals come back as latest values.
import { h } from '../core/dom.js';
import { count, t } from '../core/i18n.js';
import { me } from '../core/session.js';
import { askLogin } from '../components/login.js';
import { REACTIONS } from './floaters.js';

const GATHER_MS = 400;

export class Reactions {
  #tapped = {};
  #own = {};
  #timer = 0;
  #totals = null;

  constructor(state, life, stage) {
    Object.assign(this, { state, stage });
    this.numbers = {};
    this.element = h('div', { class: 'reactions', role: 'group', 'aria-label': t('reactions') }, Object.keys(REACTIONS).map((kind) => this.#button(kind)));
    life.add(state.on('reactions', (totals) => this.#show(totals)));
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#gate()));
    this.#gate();
    this.#show(state.reactions);
  }

  /** A guest is asked to log in; who is banned is not offered what would be refused. */
  #gate() {
    const { stream, you } = this.state;
    this.element.hidden = stream.status === 'ended' || Boolean(you?.user && !this.state.may('react'));
  }

  #button(kind) {
    this.numbers[kind] = h('span', { class: 'reaction-count' });
    const button = h('button', { class: 'reaction', type: 'button', title: t(`reaction.${kind}`), onclick: () => this.#tap(kind) },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, REACTIONS[kind]), h('span', { class: 'sr' }, t(`reaction.${kind}`)), this.numbers[kind]);
    return button;
  }

  async #tap(kind) {
    if (!me()) return askLogin();
    if (!this.state.may('react')) return;
    this.stage.floaters.rise(kind);
    this.#tapped[kind] = Math.min(20, (this.#tapped[kind] || 0) + 1);
    this.#own[kind] = (this.#own[kind] || 0) + 1;
    if (!this.#timer) this.#timer = setTimeout(() => this.#send(), GATHER_MS);
  }

  #send() {
    this.#timer = 0;
    for (const [kind, n] of Object.entries(this.#tapped)) this.state.live.react(kind, n);
    this.#tapped = {};
  }

  #show(totals) {
    for (const kind of Object.keys(REACTIONS)) {
      const n = totals[kind] || 0;
      this.numbers[kind].textContent = n ? count(n) : '';
      if (this.#totals) this.#others(kind, n - (this.#totals[kind] || 0));
    }
    this.#totals = { ...totals };
  }

  /** What rose since the last total and was not tapped here. */
  #others(kind, more) {
    const own = Math.min(this.#own[kind] || 0, Math.max(0, more));
    this.#own[kind] = (this.#own[kind] || 0) - own;
    if (more - own > 0) this.stage.floaters.rise(kind, Math.ceil(Math.sqrt(more - own)));
  }
}
