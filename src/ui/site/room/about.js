// Below the stage: what the stream is, who hosts it, and what one may do about it.
import { h, fill, said } from '../core/dom.js';
import { all, del, piece, post, put } from '../core/api.js';
import { ago, t, when } from '../core/i18n.js';
import { me, onSession } from '../core/session.js';
import { avatar } from '../components/cover.js';
import { icon } from '../components/icons.js';
import { nameOf, viewers } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { confirm, copy, tried } from '../components/overlay.js';

export class About {
  constructor(state, life) {
    this.state = state;
    this.follows = false;
    this.audience = h('span', { class: 'about-viewers' });
    this.element = h('section', { class: 'about', 'aria-label': t('about') });
    for (const part of ['stream', 'you']) life.add(state.on(part, () => this.#draw()));
    life.add(state.on('viewers', () => this.#drawAudience()));
    life.add(onSession(() => this.#load()));
    this.#draw();
    this.#load();
  }

  async #load() {
    if (!me()) return;
    try {
      const following = await all('/users/me/following');
      this.follows = following.some((u) => (u.username || u.user?.username) === this.state.stream.host.username);
      this.#draw();
    } catch {
      // The button then offers to follow, which is harmless when repeated.
    }
  }

  #draw() {
    const { stream } = this.state;
    const { host } = stream;
    const page = `/u/${piece(host.username)}`;
    fill(this.element,
      h('div', { class: 'about-head' },
        h('a', { class: 'about-avatar', href: page, 'aria-hidden': 'true', tabindex: '-1' }, avatar(host, 52)),
        h('div', { class: 'about-words' },
          h('h2', { class: 'about-title' }, said(stream.title)),
          h('div', { class: 'about-host' }, h('a', { href: page }, nameOf(host)), this.audience, h('span', { class: 'muted' }, this.#since(stream)))),
        h('div', { class: 'about-actions' }, this.#follow(host), this.#share(), this.#hosting()),
        this.#more()),
      stream.tags.length ? h('div', { class: 'about-tags' }, stream.tags.map((tag) => h('a', { class: 'chip', href: `/?tag=${encodeURIComponent(tag)}` }, h('bdi', null, tag)))) : null,
      stream.description ? h('div', { class: 'about-text', dir: 'auto' }, stream.description) : null);
    this.#drawAudience();
  }

  #drawAudience() {
    const { stream, viewers: n } = this.state;
    fill(this.audience, stream.status === 'ended' ? t('peak', { n: stream.peak_viewers }) : viewers(n));
  }

  #since(stream) {
    if (stream.status === 'live') return t('since', { ago: ago(stream.started_at) });
    if (stream.status === 'ended') return t('ended.on', { time: when(stream.ended_at) });
    return stream.scheduled_for ? when(stream.scheduled_for) : t('not.yet');
  }

  #follow(host) {
    if (me()?.id === host.id) return null;
    const label = t(this.follows ? 'unfollow' : 'follow');
    return h('button', { class: this.follows ? 'button quiet' : 'button primary', type: 'button', 'aria-pressed': String(this.follows), onclick: () => this.#toggleFollow(host) }, icon('heart', 18), label);
  }

  async #toggleFollow(host) {
    if (!(await askLogin())) return;
    const path = `/users/${piece(host.username)}/follow`;
    await tried(async () => {
      await (this.follows ? del(path) : put(path));
      this.follows = !this.follows;
      this.#draw();
    });
  }

  #share() {
    const link = `${location.origin}/s/${this.state.stream.id}`;
    const share = () => (navigator.share && matchMedia('(pointer: coarse)').matches ? navigator.share({ title: this.state.stream.title, url: link }).catch(() => {}) : copy(link));
    return h('button', { class: 'button quiet', type: 'button', onclick: share }, icon('share', 18), t('share'));
  }

  /** On a phone the rest is folded away until asked for. */
  #more() {
    const button = h('button', { class: 'icon-button about-more', type: 'button', 'aria-label': t('about'), 'aria-expanded': String(this.element.classList.contains('open')) }, icon('chevron'));
    button.addEventListener('click', () => button.setAttribute('aria-expanded', String(this.element.classList.toggle('open'))));
    return button;
  }

  /** For who runs the room: studio, go live, end. */
  #hosting() {
    const { stream } = this.state;
    if (!this.state.may('settings')) return null;
    const studio = h('a', { class: 'button quiet', href: `/s/${stream.id}/studio` }, icon('gear', 18), t('studio'));
    if (!this.state.may('manage')) return studio;
    const start = h('button', { class: 'button live', type: 'button', onclick: () => tried(() => post(`/streams/${stream.id}/start`)) }, t('go.live'));
    const end = h('button', { class: 'button danger', type: 'button', onclick: () => this.#end() }, t('end'));
    return [studio, stream.status === 'scheduled' && start, stream.status === 'live' && end];
  }

  async #end() {
    if (await confirm(t('end.sure'), t('end.text'), t('end'))) await tried(() => post(`/streams/${this.state.stream.id}/end`));
  }
}
