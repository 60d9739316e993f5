// Where one writes. What is sent appears at once as pending and then meets its fate; who may not write is told why.
import { newId } from '../livehouse.js';
import { h, fill, said } from '../core/dom.js';
import { t, when } from '../core/i18n.js';
import { keep, kept, prefs } from '../core/prefs.js';
import { isStaff } from '../core/roles.js';
import { me } from '../core/session.js';
import { icon, popupButton, tinyButton } from '../components/icons.js';
import { nameOf } from '../components/live.js';
import { toast } from '../components/overlay.js';
import { askLogin } from '../components/login.js';
import { read } from './talk/commands.js';
import { emojiPicker } from './emoji.js';
import { SlowMode } from './slow-mode.js';
import { graphemes } from './graphemes.js';
import { showFate } from './row.js';
import { stylePicker } from './style-picker.js';
import { Suggestions } from './talk/suggestions.js';

const SHOW_COUNTER_FROM = 0.6;
const DRAFT = ['livehouse.draft.', 'sessionStorage']; // of each room, kept by this tab over a reload

export class Composer {
  #replyTo = null;

  /** `people` can be named in what is written; `run(command)` does what a line with a slash says. */
  constructor(state, life, { list, people, run }) {
    Object.assign(this, { state, list, people, run });
    this.element = h('div', { class: 'composer' });
    this.slow = new SlowMode(state, life, (text) => this.#showWait(text));
    this.#build();
    for (const part of ['you', 'settings', 'stream']) life.add(state.on(part, () => this.#gate()));
    state.live.on('held', (frame) => frame.state === 'rejected' && this.#rejected(frame));
    this.held = new Map(); // comment id -> row
    this.#gate();
    this.#takeUp();
  }

  /** Begins an answer to a comment. */
  replyTo(comment) {
    this.#replyTo = comment;
    this.reply.hidden = !comment;
    if (!comment) return fill(this.reply);
    fill(this.reply, icon('reply', 16), h('span', { class: 'reply-text' }, nameOf(comment.user, 'strong'), ' ', said(comment.content)),
      tinyButton('close', t('cancel'), () => this.replyTo(null)));
    this.box.focus();
  }

  /** Puts something where the caret is, and goes on there. */
  write(text) {
    this.box.setRangeText(text, this.box.selectionStart, this.box.selectionEnd, 'end');
    this.#typed();
    this.box.focus();
  }

  /** What was to be answered may be gone. */
  forget(isGone) {
    if (this.#replyTo && isGone(this.#replyTo)) this.replyTo(null);
  }

  #build() {
    this.box = h('textarea', { class: 'write', rows: 1, name: 'content', 'aria-label': t('write'), placeholder: t('write'), enterkeyhint: 'send', autocomplete: 'off' });
    this.counter = h('span', { class: 'counter', hidden: true });
    this.reply = h('div', { class: 'replying', hidden: true });
    this.wait = h('span', { class: 'wait', role: 'timer', 'aria-live': 'off' });
    this.send = h('button', { class: 'send', type: 'submit', 'aria-label': t('send'), title: t('send') }, icon('send'));
    const style = popupButton('text', t('style'), stylePicker);
    const emoji = popupButton('smile', t('emoji'), (anchor) => emojiPicker(anchor, (sign) => this.write(sign)));
    this.suggestions = new Suggestions(this.box, { people: this.people, may: (right) => this.state.may(right), typed: () => this.#typed() });
    this.form = h('form', { class: 'write-form' }, this.suggestions.element, h('div', { class: 'write-notes' }, this.reply, this.wait, this.counter),
      h('div', { class: 'write-box' }, this.box, h('div', { class: 'write-tools' }, style, emoji, h('span', { class: 'grow' }), this.send)));
    this.gate = h('div', { class: 'gate', hidden: true });
    fill(this.element, this.form, this.gate);
    this.box.addEventListener('input', () => this.#typed());
    this.box.addEventListener('keydown', (event) => this.#key(event));
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #key(event) {
    if (this.suggestions.key(event)) return;
    if (event.key === 'Escape' && this.#replyTo) return this.replyTo(null);
    // Safari ends the composition first, and marks the Enter that did it by its code alone.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #typed() {
    keep(DRAFT[0] + this.state.stream.id, this.box.value || null, DRAFT[1]);
    const most = this.state.live.limits?.content_graphemes || 500;
    const n = this.box.value.length < most * SHOW_COUNTER_FROM ? 0 : graphemes(this.box.value.trim());
    this.counter.hidden = n < most * SHOW_COUNTER_FROM;
    this.counter.textContent = `${n}/${most}`;
    this.counter.classList.toggle('over', n > most);
    this.send.disabled = n > most;
    this.box.style.height = 'auto';
    this.box.style.height = `${Math.min(this.box.scrollHeight, 120)}px`;
  }

  /** What was being written when the page was left. */
  #takeUp() {
    const draft = kept(DRAFT[0] + this.state.stream.id, DRAFT[1]);
    if (!draft) return;
    this.box.value = draft;
    this.#typed();
  }

  #submit() {
    const written = this.box.value.trim();
    if (!written || this.send.disabled) return;
    const { say: content, run, wrong, ...more } = read(written, (right) => this.state.may(right));
    if (wrong !== undefined) return toast(t('command.wrong', { use: wrong?.use ?? t('command.unknown') }), { kind: 'bad' });
    if (run) return this.#run({ run, ...more }, written);
    if (this.slow.leftMs() > 0) return this.slow.nudge();
    const draft = { content, style: prefs().style, reply_to: this.#replyTo?.id, user: { ...me(), role: this.state.you?.role } };
    this.#empty();
    this.slow.spoke();
    this.#post(draft, newId());
  }

  #empty() {
    this.box.value = '';
    this.replyTo(null);
    this.#typed();
  }

  /** What was refused stays there to be mended, and so does what was begun meanwhile. */
  async #run(command, written) {
    if ((await this.run(command)) && this.box.value.trim() === written) this.#empty();
  }

  async #post(draft, clientId) {
    const row = this.list.expect(clientId, draft);
    showFate(row, 'pending');
    try {
      const answer = await this.state.live.comment(draft.content, { style: draft.style, reply_to: draft.reply_to, client_id: clientId });
      if (answer.state === 'deleted') return this.list.forget(clientId);
      if (answer.state === 'held') return this.#held(row, answer.comment_id, clientId);
      showFate(row, null);
      // The numbered event replaces the row; where it was thinned out for this viewer, the answer does.
      this.list.add(answer.comment);
    } catch (error) {
      this.#failed(row, draft, clientId, error);
    }
  }

  #held(row, commentId, clientId) {
    showFate(row, 'held', { discard: () => this.list.forget(clientId) });
    this.held.set(commentId, row);
  }

  #rejected({ comment_id }) {
    const row = this.held.get(comment_id);
    if (row) showFate(row, 'failed', { error: { code: 'rejected' }, discard: () => row.remove() });
    this.held.delete(comment_id);
  }

  #failed(row, draft, clientId, error) {
    if (error.retryAfterMs) this.slow.wait(error.retryAfterMs);
    const discard = () => this.list.forget(clientId);
    const retry = () => {
      discard();
      this.#post(draft, clientId);
    };
    showFate(row, 'failed', { error: error.code === 'closed' ? { code: 'offline' } : error, retry, discard });
  }

  #showWait(text) {
    this.wait.textContent = text;
    this.send.classList.toggle('waiting', this.slow?.leftMs() > 0);
  }

  // ---- who may write

  #gate() {
    const reason = this.#reason();
    this.form.hidden = Boolean(reason);
    this.gate.hidden = !reason;
    if (reason) fill(this.gate, reason);
    this.slow.refresh();
  }

  #reason() {
    const { stream, settings, you } = this.state;
    if (stream?.status === 'ended') return h('p', null, t('gate.ended'));
    if (you?.ban) return h('p', null, icon('ban', 18), ' ', you.ban.until ? t('gate.timeout', { until: when(you.ban.until) }) : t('gate.banned'), you.ban.reason && [' — ', said(you.ban.reason)]);
    if (!me()) return [h('p', null, t('gate.guest')), h('button', { class: 'button primary', onclick: () => askLogin() }, t('login'))];
    if (settings?.comments === 'off') return h('p', null, t('gate.off'));
    if (settings?.comments === 'moderators' && !isStaff(you?.role)) return h('p', null, t('gate.moderators'));
    return null;
  }
}
