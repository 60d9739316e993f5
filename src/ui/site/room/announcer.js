// Reads comments out to screen readers: one every few seconds and how many more there were, never the flood.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { spoken } from './talk/spoken.js';

const EVERY_MS = 6000;

export class Announcer {
  #latest = null;
  #heard = 0;
  #said = null;

  constructor(life) {
    this.element = h('div', { class: 'sr', role: 'status', 'aria-live': 'polite' });
    life.every(EVERY_MS, () => this.#say());
  }

  heard(comment) {
    this.#latest = comment;
    this.#heard += 1;
  }

  forget(isGone) {
    if (this.#latest && isGone(this.#latest)) this.#latest = null;
    if (this.#said && isGone(this.#said)) this.element.textContent = '';
  }

  #say() {
    if (!this.#latest) return;
    const { user, content } = this.#latest;
    const { text } = spoken(content);
    const more = this.#heard > 1 ? ' ' + t('heard.more', { n: this.#heard - 1 }) : '';
    this.element.textContent = `${user.display_name}: ${text}${more}`;
    this.#said = this.#latest;
    this.#latest = null;
    this.#heard = 0;
  }
}
