// The comment list: newest at the foot, bounded, drawn in batches. It sticks to the foot until the reader scrolls up,
// then keeps still and counts what is new; a line shows where that begins. Equal texts fold into one row, where wanted.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { isIgnored } from '../core/ignored.js';
import { icon } from '../components/icons.js';
import { commentRow, showCount, unquote } from './row.js';
import { Fold } from './fold.js';

const MAX_ROWS = 200;
const BACKLOG = 200;
const BUSY_PER_FLUSH = 3; // more than so many at once, and the list is drawn ten times a second instead of every frame
const BUSY_MS = 100;

export class CommentList {
  #queue = []; // waits for the next drawing
  #rows = new Map(); // comment id -> row; several ids may share a folded row
  #comments = new Map(); // comment id -> comment, of what is shown
  #pending = new Map(); // client_id -> row
  #fold = new Fold();
  #quotes = new Map(); // row -> the comment it quotes
  #missed = 0;
  #lookedAway = false; // what comes next is new to the reader
  #stuck = true;
  #drawing = 0;
  #lastDrawn = 0;

  /** `folds()`: whether equal texts share a row. `onmoment`, where it is set, goes to when a comment was said. */
  constructor({ myId, onearlier, people = null, folds = () => false }) {
    Object.assign(this, { myId, people, folds, onmoment: null });
    this.earlier = h('button', { class: 'link earlier', hidden: true, onclick: onearlier }, t('earlier'));
    this.log = h('div', { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': t('chat'), tabindex: '0' }, this.earlier);
    this.none = h('p', { class: 'log-none', hidden: true }, t('chat.none'));
    this.pill = h('button', { class: 'pill', hidden: true, onclick: () => this.toFoot() });
    this.line = h('div', { class: 'news', role: 'separator' }, t('news'));
    this.element = h('div', { class: 'log-box' }, this.log, this.none, this.pill);
    this.log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.resized = new ResizeObserver(() => this.#stuck && this.#stick());
    this.resized.observe(this.log);
  }

  end() {
    cancelAnimationFrame(this.#drawing);
    clearTimeout(this.#drawing);
    this.resized.disconnect();
  }

  /** Starts over with these; `more` says whether there are earlier ones. What is still on its way stays. */
  reset(comments, more = true) {
    this.earlier.hidden = !more;
    for (const row of new Set(this.#rows.values())) this.#take(row);
    this.line.remove();
    this.#rows.clear();
    this.#comments.clear();
    this.#fold.clear();
    this.#queue = [];
    this.#missed = 0;
    this.add(...comments);
    this.#draw();
    this.#showNone();
  }

  add(...all) {
    for (const { user } of all) this.people?.heard(user);
    const comments = all.filter(({ user }) => !isIgnored(user.id));
    this.#queue.push(...comments);
    if (!this.#stuck && this.#queue.length > BACKLOG) this.#queue.splice(0, this.#queue.length - BACKLOG);
    if (!this.#stuck) this.#count(comments.length);
    this.#schedule();
  }

  /** Draws all of it anew, as it is folded now. */
  redraw() {
    this.toFoot();
    this.reset([...this.#comments.values(), ...this.#queue], !this.earlier.hidden);
  }

  /** Nothing of it is shown any more; earlier comments can be read by the button. */
  clear() {
    this.toFoot();
    this.reset([]);
  }

  /** The reader does not see what comes from now on; or looks again. */
  lookAway(away) {
    if (away || !this.#queue.length) this.#lookedAway = away;
  }

  /** One's own, before the server has it. */
  expect(clientId, draft) {
    const row = this.#row(draft, true);
    this.#pending.set(clientId, row);
    this.line.remove();
    this.log.append(row);
    this.toFoot();
    this.#showNone();
    return row;
  }

  /** It will not come. */
  forget(clientId) {
    const row = this.#pending.get(clientId);
    if (row) this.#take(row);
    this.#pending.delete(clientId);
  }

  comment(id) {
    return this.#comments.get(id);
  }

  /** Lets go of every comment of which `isGone` holds, wherever it shows: as a row, in a folded row, as a quote, in the place
   * of which stands `why`. */
  remove(isGone, why = 'reply.gone') {
    this.#queue = this.#queue.filter((comment) => !isGone(comment));
    for (const comment of [...this.#comments.values()].filter(isGone)) this.#remove(comment.id);
    for (const [row, quoted] of this.#quotes) {
      if (!isGone(quoted)) continue;
      unquote(row, why);
      this.#quotes.delete(row);
    }
  }

  #remove(id) {
    const row = this.#rows.get(id);
    this.#drop(id);
    const left = this.#fold.without(row, id);
    if (!left.length) return this.#take(row);
    showCount(row.dataset.id === id ? this.#reshow(row, left) : row, left.length);
  }

  /** The row showed the one that is gone; it shows the next of those that said the same. */
  #reshow(row, left) {
    const next = this.#row(left[0], false);
    row.replaceWith(next);
    this.#fold.replace(row, next);
    for (const { id } of left) this.#rows.set(id, next);
    return next;
  }

  #row(comment, mine) {
    const quoted = this.#comments.get(comment.reply_to);
    const row = commentRow(comment, { mine, quoted, people: this.people, myId: this.myId(), onmoment: this.onmoment });
    if (quoted) this.#quotes.set(row, quoted);
    return row;
  }

  #take(row) {
    this.#quotes.delete(row);
    row.remove();
  }

  toFoot() {
    this.#stuck = true;
    this.#missed = 0;
    this.pill.hidden = true;
    this.#draw();
    this.#stick();
    this.lookAway(document.hidden);
  }

  // ---- drawing

  /** Every frame when calm, ten times a second in a flood: more often nobody can read, and the phone stays cool. */
  #schedule() {
    if (this.#drawing || !this.#stuck) return;
    const draw = () => {
      this.#drawing = 0;
      this.#draw();
    };
    const busy = this.#queue.length > BUSY_PER_FLUSH || performance.now() - this.#lastDrawn < BUSY_MS;
    if (busy || document.hidden) this.#drawing = setTimeout(() => (this.#drawing = requestAnimationFrame(draw)), BUSY_MS);
    else this.#drawing = requestAnimationFrame(draw);
  }

  #draw() {
    if (!this.#queue.length) return;
    this.#lastDrawn = performance.now();
    const fresh = this.#queue.slice(-MAX_ROWS);
    this.#queue = [];
    const rows = document.createDocumentFragment();
    for (const comment of fresh) this.#place(comment, rows);
    const firstPending = [...this.#pending.values()].find((row) => row.isConnected);
    this.log.insertBefore(rows, firstPending || null);
    this.#trim();
    this.#showNone();
    if (this.#stuck) this.#stick();
  }

  #showNone() {
    const none = !this.#rows.size && !this.#pending.size;
    if (this.none.hidden === none) this.none.hidden = !none;
  }

  #place(comment, rows) {
    if (this.#rows.has(comment.id)) return;
    const own = comment.user.id === this.myId();
    if (own && comment.client_id) this.forget(comment.client_id);
    this.#comments.set(comment.id, comment);
    const same = this.folds() && !comment.reply_to && !own ? this.#fold.find(comment) : null;
    if (same) {
      showCount(same, this.#fold.of(same).length);
      this.#rows.set(comment.id, same);
      return;
    }
    const row = this.#row(comment, own);
    this.#fold.add(comment, row);
    if (this.#lookedAway && !own) this.#showLine(rows);
    this.#rows.set(comment.id, row);
    rows.append(row);
  }

  /** Above the first comment that the reader has not seen, where there are others before it. */
  #showLine(rows) {
    this.#lookedAway = false;
    if (this.#rows.size) rows.append(this.line);
  }

  #trim() {
    let over = this.log.childElementCount - 1 - MAX_ROWS;
    if (over <= 0) return;
    this.earlier.hidden = false;
    const gone = new Set();
    for (let row = this.log.children[1]; row && over > 0; over--) {
      gone.add(row);
      row = row.nextElementSibling;
    }
    for (const [id, row] of this.#rows) if (gone.has(row)) this.#drop(id);
    for (const row of gone) {
      this.#fold.forget(row);
      this.#take(row);
    }
  }

  #drop(id) {
    this.#rows.delete(id);
    this.#comments.delete(id);
  }

  // ---- scrolling

  #stick() {
    this.log.scrollTop = 1e9;
  }

  #scrolled() {
    const toFoot = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    const stuck = toFoot < 40;
    if (stuck === this.#stuck) return;
    this.#stuck = stuck;
    if (stuck) this.toFoot();
    else this.lookAway(true);
  }

  #count(n) {
    this.#missed += n;
    this.pill.hidden = false;
    this.pill.replaceChildren(t('new.comments', { n: this.#missed }), icon('down', 16));
  }
}
