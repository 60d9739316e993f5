// What stands above the comments: an announcement, the pinned comment, the poll.
import { h, fill, said } from '../core/dom.js';
import { del } from '../core/api.js';
import { t } from '../core/i18n.js';
import { icon, tinyButton } from '../components/icons.js';
import { nameOf } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { PollCard } from './poll.js';

export class Notices {
  constructor(state, life) {
    this.state = state;
    this.announcement = h('div', { class: 'notice announce', hidden: true });
    this.pin = h('div', { class: 'notice pinned', hidden: true });
    const poll = new PollCard(state, life);
    this.element = h('div', { class: 'notices' }, this.announcement, this.pin, poll.element);
    life.add(state.on('announcement', (a) => this.#announce(a)));
    life.add(state.on('pinned', () => this.#pinned()));
    life.add(state.on('you', () => this.#pinned()));
  }

  #announce(announcement) {
    this.announcement.hidden = !announcement;
    if (!announcement) return fill(this.announcement);
    fill(this.announcement, icon('mega', 18), h('div', { class: 'notice-text', role: 'status' }, nameOf(announcement.user, 'strong'), ' ', said(announcement.content)),
      tinyButton('close', t('close'), () => (this.announcement.hidden = true)));
  }

  #pinned() {
    const { pinned } = this.state;
    this.pin.hidden = !pinned;
    if (!pinned) return fill(this.pin);
    const unpin = () => tried(() => del(this.state.path('/pin')));
    fill(this.pin, icon('pin', 18), h('div', { class: 'notice-text' }, nameOf(pinned.user, 'strong'), ' ', said(pinned.content)),
      this.state.may('pin') ? tinyButton('close', t('unpin'), unpin) : tinyButton('close', t('close'), () => (this.pin.hidden = true)));
  }
}
