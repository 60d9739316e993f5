// The poll: one vote an account, changed at will; the bars move with the latest tally.
import { h, said } from '../core/dom.js';
import { post } from '../core/api.js';
import { count, countdown, t } from '../core/i18n.js';
import { me } from '../core/session.js';
import { askLogin } from '../components/login.js';
import { tried } from '../components/overlay.js';
import { Notice } from './notice.js';

const AFTERGLOW_MS = 20_000; // how long a closed poll shows its result

export class PollCard {
  constructor(state, life, seen) {
    this.state = state;
    this.notice = new Notice('poll', 'poll', { label: t('poll'), seen });
    this.vote = null;
    for (const part of ['poll', 'you']) life.add(state.on(part, () => this.#update()));
    life.every(1000, () => this.#tick());
  }

  #update() {
    const { poll, lastPoll, you } = this.state;
    if (poll) {
      if (this.id !== poll.id) this.vote = null;
      this.id = poll.id;
      if (typeof you?.vote === 'number') this.vote = you.vote;
      return this.#draw(poll, false);
    }
    if (lastPoll && this.id === lastPoll.id && !this.over) {
      this.over = true;
      this.#draw(lastPoll, true);
      setTimeout(() => this.over && this.#hide(), AFTERGLOW_MS);
    } else if (!this.over) this.#hide();
  }

  #hide() {
    this.over = false;
    this.id = null;
    this.drawn = null;
    this.notice.hide();
  }

  #draw(poll, closed) {
    if (!closed) this.over = false;
    this.notice.stays = !closed && this.vote === null;
    const total = poll.tally.reduce((a, b) => a + b, 0);
    const drawn = `${poll.id}${closed}${this.state.may('vote')}${this.state.may('poll')}`;
    if (this.drawn !== drawn) this.#build(poll, closed);
    this.drawn = drawn;
    poll.tally.forEach((n, at) => this.#option(at, n, total, closed));
    this.total.textContent = t('votes', { n: total });
    this.#tick();
  }

  #build(poll, closed) {
    const stop = h('button', { class: 'link', onclick: () => this.#close(poll) }, t('poll.close'));
    this.left = h('span', { class: 'poll-left' });
    this.total = h('span');
    this.options = poll.options.map((text, at) => this.#button(poll, text, at, closed));
    const body = [said(poll.question, 'poll-question'),
      h('div', { class: 'poll-options' }, this.options.map((o) => o.element)),
      h('div', { class: 'poll-foot' }, this.total, this.left, h('span', { class: 'grow' }), !closed && this.state.may('poll') && stop)];
    // On a phone the question alone leaves room for the chat; the result is news again.
    const folded = !closed && matchMedia('(max-width: 900px)').matches;
    const close = closed ? { label: t('close'), run: () => this.#hide() } : null;
    this.notice.show(closed ? `result ${poll.id}` : `poll ${poll.id}`, poll.question, body, { close, folded });
  }

  #button(poll, text, at, closed) {
    const [bar, share] = [h('span', { class: 'poll-bar' }), h('span', { class: 'poll-share' })];
    const element = h('button', { class: 'poll-option', disabled: closed || Boolean(this.state.you?.user && !this.state.may('vote')), onclick: () => this.#choose(poll, at) }, bar, h('bdi', { class: 'poll-text' }, text), share);
    return { element, bar, share };
  }

  #option(at, n, total, closed) {
    const one = this.options[at];
    if (!one) return;
    const part = total ? n / total : 0;
    one.bar.style.transform = `scaleX(${part.toFixed(3)})`;
    one.share.textContent = total ? `${Math.round(part * 100)}%` : '';
    one.share.title = count(n);
    one.element.setAttribute('aria-pressed', String(this.vote === at));
    one.element.classList.toggle('won', closed && n > 0 && n === Math.max(...this.state.lastPoll.tally));
  }

  async #choose(poll, at) {
    if (!me()) return askLogin();
    const before = this.vote;
    this.vote = at;
    this.#update();
    if (await tried(() => this.state.live.vote(poll.id, at))) return;
    this.vote = before;
    this.#update();
  }

  #close(poll) {
    return tried(() => post(this.state.path(`/polls/${poll.id}/close`)));
  }

  #tick() {
    const { poll } = this.state;
    if (!this.left) return;
    this.left.textContent = poll?.closes_at ? countdown(Math.max(0, new Date(poll.closes_at) - this.state.now())) : t('poll.closed');
  }
}
