// One thing that stands above the comments: whole while it is new, a line once it was read, gone once it was closed.
import { h, fill, said } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { icon, tinyButton } from '../components/icons.js';

const READ_S = 12; // as long as somebody needs for three lines
const TIGHT_PX = 300; // of the chat's height

export class Notice {
  #id = null;
  #left = Infinity; // seconds until it counts as read

  /** `seen` remembers what was read and closed. One that `stays` is not read by being looked at, as it asks for an answer. */
  constructor(kind, sign, { label, seen }) {
    Object.assign(this, { seen, stays: false });
    this.words = said('', 'notice-words');
    this.line = h('button', { class: 'notice-line', 'aria-expanded': 'false', onclick: () => this.#turn(false) }, icon(sign, 18), this.words);
    this.text = h('div', { class: 'notice-text' });
    this.tools = h('div', { class: 'notice-tools' });
    this.whole = h('div', { class: 'notice-whole' }, icon(sign, 18), this.text, this.tools);
    this.element = h('section', { class: `notice ${kind}`, 'aria-label': label, hidden: true }, this.line, this.whole);
  }

  /** Shows what is known by `id`: `words` as a line, `body` whole; `close` says what its button is called and does;
   * `folded` begins with the line. */
  show(id, words, body, { close = null, folded = false } = {}) {
    const before = this.seen.state(id);
    const isNew = this.#id !== id;
    this.#id = id;
    this.words.textContent = words;
    fill(this.text, body);
    const fold = tinyButton('chevron', t('notice.fold'), () => this.#turn(true), { class: 'tiny notice-fold', 'aria-expanded': 'true', size: 18 });
    const shut = close && tinyButton('close', close.label, () => this.#close(close.run));
    fill(this.tools, fold, shut);
    this.element.hidden = before === 'closed';
    if (!isNew) return;
    this.#left = READ_S;
    this.#fold(folded || Boolean(before) || this.#isTight());
  }

  hide() {
    this.#id = null;
    this.element.hidden = true;
    this.words.textContent = '';
    fill(this.text);
  }

  /** It was read, or the place is wanted for something else. */
  fold() {
    if (this.#id === null || this.element.hidden || this.#folded) return;
    this.seen.mark(this.#id, 'read');
    this.#fold(true);
  }

  /** A second has passed in which it could be read. */
  tick() {
    if (this.stays || this.#folded || this.element.matches(':hover, :focus-within')) return;
    this.#left -= 1;
    if (this.#left <= 0) this.fold();
  }

  /** Whether there is place for lines alone. */
  #isTight() {
    return this.element.closest('.chat')?.clientHeight < TIGHT_PX;
  }

  get #folded() {
    return this.element.classList.contains('folded');
  }

  #fold(yes) {
    this.element.classList.toggle('folded', yes);
  }

  /** By hand: whole until it is folded by hand; who turns it by the keyboard stays on it. */
  #turn(folded) {
    this.#left = Infinity;
    if (folded) this.fold();
    else this.#fold(false);
    (folded ? this.line : this.tools.firstChild).focus({ preventScroll: true });
  }

  #close(run) {
    if (run) return run();
    this.seen.mark(this.#id, 'closed');
    this.element.hidden = true;
  }
}
