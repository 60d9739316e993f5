// The list above the place to write: names, emoji and commands that begin as what is being typed.
import { h, fill } from '../../core/dom.js';
import { t } from '../../core/i18n.js';
import { avatar } from '../../components/cover.js';
import { nameOf } from '../../components/live.js';
import { emojiLike, emojiNamed } from './emoji-names.js';
import { allowed } from './commands.js';
import { wanted } from './wanted.js';

export class Suggestions {
  #items = []; // [{row, text}]
  #at = 0;
  #from = 0;
  #shut = null; // what was typed when it was closed by hand

  /** For `box`; `typed()` is called after it was changed. */
  constructor(box, { people, may, typed }) {
    Object.assign(this, { box, people, may, typed });
    this.element = h('div', { class: 'suggestions', id: 'suggestions', role: 'listbox', 'aria-label': t('suggestions'), hidden: true });
    const attributes = { 'aria-autocomplete': 'list', 'aria-controls': 'suggestions' };
    for (const [name, value] of Object.entries(attributes)) box.setAttribute(name, value);
    box.addEventListener('input', (event) => event.isComposing || this.#look());
    box.addEventListener('compositionend', () => this.#look());
    box.addEventListener('blur', () => this.close());
    box.addEventListener('click', () => this.#look());
  }

  /** Whether a key was for the list. */
  key(event) {
    // As in the composer: an Enter that ends a composition is the input method's.
    if (this.element.hidden || event.isComposing || event.keyCode === 229) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose((this.#at + step + this.#items.length) % this.#items.length);
    else if (event.key === 'Escape') this.#shutByHand();
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') this.#take(this.#items[this.#at]);
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.element.hidden = true;
    this.box.removeAttribute('aria-activedescendant');
  }

  #shutByHand() {
    this.#shut = this.#from;
    this.close();
  }

  #look() {
    this.#finishEmoji();
    const found = wanted(this.box.value, this.box.selectionStart);
    if (!found || found.from !== this.#shut) this.#shut = null;
    const items = found && this.#shut === null ? OFFERS[found.sign](this, found.start) : [];
    if (!items.length) return this.close();
    this.#from = found.from;
    this.#draw(items);
  }

  /** `:fire:` is the emoji of that name. */
  #finishEmoji() {
    const found = /:([\p{L}\d_+-]{2,24}):$/u.exec(this.box.value.slice(0, this.box.selectionStart));
    const sign = found && emojiNamed(found[1]);
    if (!sign) return;
    this.box.setRangeText(sign, found.index, this.box.selectionStart, 'end');
    this.typed();
  }

  #draw(items) {
    this.#items = items.map(({ text, shows }, at) => {
      const row = h('div', { class: 'suggestion', role: 'option', id: `suggestion-${at}` }, shows);
      // Before the box loses its focus.
      row.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        this.#take({ text });
      });
      return { row, text };
    });
    fill(this.element, this.#items.map(({ row }) => row));
    this.element.hidden = false;
    this.#choose(0);
  }

  #choose(at) {
    this.#at = at;
    for (const [n, { row }] of this.#items.entries()) row.setAttribute('aria-selected', String(n === at));
    this.box.setAttribute('aria-activedescendant', `suggestion-${at}`);
    this.#items[at].row.scrollIntoView({ block: 'nearest' });
  }

  #take({ text }) {
    this.close();
    this.box.setRangeText(text, this.#from, this.box.selectionStart, 'end');
    this.typed();
  }
}

const OFFERS = {
  '@': ({ people }, start) => people.completing(start).map((user) => ({
    text: `@${user.username} `,
    shows: [avatar(user, 24), nameOf(user, 'strong'), h('span', { class: 'muted' }, '@', user.username)],
  })),
  ':': (_, start) => emojiLike(start).map(({ sign, names }) => ({ text: sign, shows: [h('span', { class: 'sign' }, sign), names.join(' ')] })),
  '/': ({ may }, start) => allowed(may).filter(({ name }) => name !== start && name.startsWith(start.toLowerCase())).map(({ name, use, words }) => ({
    text: `/${name} `,
    shows: [h('span', { class: 'strong' }, use), h('span', { class: 'muted' }, t(words))],
  })),
};
