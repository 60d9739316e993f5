// Below the stage: what the stream is, who hosts it, and what one may do about it.
import { fill, h, refill, said } from '../core/dom.js';
import { piece } from '../core/api.js';
import { ago, t, when } from '../core/i18n.js';
import { avatar } from '../components/cover.js';
import { followButton } from '../components/follow.js';
import { icon, iconButton } from '../components/icons.js';
import { badge, nameOf, viewers } from '../components/live.js';
import { copy } from '../components/overlay.js';
import { tagLink } from '../components/tags.js';
import { linked } from '../components/words.js';
import { end, start } from './run.js';

/** How often the words of how long it has been going are made anew. */
const SINCE_MS = 10_000;

export class About {
  constructor(state, life) {
    this.state = state;
    this.follow = followButton(state.stream.host, life);
    this.audience = h('span', { class: 'about-viewers' });
    this.since = h('span', { class: 'about-since muted' });
    this.element = h('section', { class: 'about', 'aria-label': t('about') });
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#draw()));
    life.add(state.on('viewers', () => this.#drawAudience()));
    life.seen(SINCE_MS, () => this.#drawSince());
    this.#draw();
  }

  #draw() {
    const { title, description, tags, host, status } = this.state.stream;
    refill(this.element, [title, description, tags, host, status, this.state.may('settings'), this.state.may('manage')], () => this.#parts());
    this.#drawAudience();
    this.#drawSince();
  }

  #parts() {
    const { stream } = this.state;
    const { host } = stream;
    const page = `/u/${piece(host.username)}`;
    return [
      h('div', { class: 'about-head' },
        h('a', { class: 'about-avatar', href: page, 'aria-hidden': 'true', tabindex: '-1' }, avatar(host, 52)),
        h('div', { class: 'about-words' },
          h('h2', { class: 'about-title' }, said(stream.title)),
          h('div', { class: 'about-host' }, h('a', { href: page }, nameOf(host)), this.audience, this.since)),
        h('div', { class: 'about-actions' }, this.follow, this.#share(), this.#hosting()),
        this.#more()),
      stream.tags.length ? h('div', { class: 'about-tags' }, stream.tags.map((tag) => tagLink(tag, 'chip'))) : null,
      stream.description ? h('div', { class: 'about-text', dir: 'auto' }, linked(stream.description)) : null,
    ];
  }

  #drawSince() {
    fill(this.since, sinceWords(this.state.stream));
  }

  #drawAudience() {
    const { stream, viewers: n } = this.state;
    fill(this.audience, stream.status === 'ended' ? t('peak', { n: stream.peak_viewers }) : [stream.status === 'live' && badge(stream), viewers(n)]);
  }

  #share() {
    const link = `${location.origin}/s/${this.state.stream.id}`;
    const share = () => (navigator.share && matchMedia('(pointer: coarse)').matches ? navigator.share({ title: this.state.stream.title, url: link }).catch(() => {}) : copy(link));
    return h('button', { class: 'button quiet', onclick: share }, icon('share', 18), t('share'));
  }

  /** On a phone the rest is folded away until asked for. */
  #more() {
    const turn = ({ currentTarget }) => currentTarget.setAttribute('aria-expanded', String(this.element.classList.toggle('open')));
    return iconButton('chevron', t('about'), turn, { class: 'about-more', 'aria-expanded': String(this.element.classList.contains('open')) });
  }

  /** For who runs the room: studio, go live, end. */
  #hosting() {
    const { stream } = this.state;
    if (!this.state.may('settings')) return null;
    const studio = h('a', { class: 'button quiet', href: `/s/${stream.id}/studio` }, icon('gear', 18), t('studio'));
    if (!this.state.may('manage')) return studio;
    return [studio,
      stream.status === 'scheduled' && h('button', { class: 'button live', onclick: () => start(this.state) }, t('go.live')),
      stream.status === 'live' && h('button', { class: 'button danger', onclick: () => end(this.state) }, t('end'))];
  }
}

function sinceWords(stream) {
  if (stream.status === 'live') return t('since', { ago: ago(stream.started_at) });
  if (stream.status === 'ended') return t('ended.on', { time: when(stream.ended_at) });
  return stream.scheduled_for ? when(stream.scheduled_for) : t('not.yet');
}
