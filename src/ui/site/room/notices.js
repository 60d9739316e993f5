// What stands above the comments: an announcement, the pinned comment, the poll.
import { h } from '../core/dom.js';
import { del } from '../core/api.js';
import { t } from '../core/i18n.js';
import { botBadge, nameOf } from '../components/live.js';
import { tried } from '../components/overlay.js';
import { words } from '../components/words.js';
import { Notice } from './notice.js';
import { PollCard } from './poll.js';
import { Seen } from './seen.js';
import { spoken } from './talk/spoken.js';

export class Notices {
  constructor(state, life) {
    this.state = state;
    const seen = new Seen();
    this.announcement = new Notice('announce', 'mega', { label: t('announcement'), seen });
    this.announcement.text.setAttribute('role', 'status');
    this.pin = new Notice('pinned', 'pin', { label: t('pinned'), seen });
    this.poll = new PollCard(state, life, seen);
    this.all = [this.announcement, this.pin, this.poll.notice];
    this.element = h('div', { class: 'notices' }, this.all.map((notice) => notice.element));
    life.add(state.on('announcement', (a) => this.#announce(a)));
    for (const part of ['pinned', 'you']) life.add(state.on(part, () => this.#pinned()));
    life.seen(1000, () => this.all.forEach((notice) => notice.tick()));
  }

  /** Somebody writes: what takes the comments' place becomes a line each. */
  fold() {
    for (const notice of this.all) notice.fold();
  }

  #announce(announcement) {
    if (!announcement) return this.announcement.hide();
    const { id, user, content } = announcement;
    this.announcement.show(id, content, [nameOf(user, 'strong'), ' ', botBadge(user), words(content)], { close: { label: t('close') } });
  }

  #pinned() {
    const { pinned } = this.state;
    if (!pinned) return this.pin.hide();
    const unpin = () => tried(() => del(this.state.path('/pin')));
    const close = this.state.may('pin') ? { label: t('unpin'), run: unpin } : { label: t('close') };
    const { text } = spoken(pinned.content);
    this.pin.show(`pin ${pinned.id}`, `${pinned.user.display_name}: ${text}`, [nameOf(pinned.user, 'strong'), ' ', words(text)], { close });
  }
}
