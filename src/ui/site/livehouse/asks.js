// What was asked and is not answered yet, on whatever connection the answer comes.
import { Refused } from './http.js';
import { newId } from './small.js';

export class Asks {
  #waiting = new Map(); // ref -> {frame, resolve, reject, lasting, sent}
  #refs = 0;
  #send;

  /** `send(frame)` gives a frame to the connection; false where there is none. */
  constructor(send) {
    this.#send = send;
  }

  /** Asks; what is `lasting` waits for a connection, and for its answer beyond it. */
  ask(op, members, { lasting = false } = {}) {
    const ref = String(++this.#refs);
    return new Promise((resolve, reject) => {
      const wait = { frame: { op, ref, ...members }, resolve, reject, lasting, sent: 0 };
      this.#waiting.set(ref, wait);
      if (!this.#dispatch(wait) && !lasting) this.#end(ref, () => reject(new Refused({ code: 'offline' })));
    });
  }

  /** Asks for a comment, under a `client_id` by which its answer is found in the log, too. */
  comment(content, { style, reply_to, client_id = newId() } = {}) {
    const members = { content, client_id };
    if (style) members.style = style;
    if (reply_to) members.reply_to = reply_to;
    return this.ask('comment', members, { lasting: true });
  }

  /** Sends again what has no answer. Only after the log was read to its head: it may hold the answer. */
  again() {
    for (const wait of [...this.#waiting.values()]) if (wait.lasting) this.#dispatch(wait);
  }

  /** The answer of the server; whether anybody waited for it. */
  answer(frame) {
    const wait = frame.ref === undefined ? null : this.#waiting.get(frame.ref);
    if (!wait) return false;
    this.#end(frame.ref, () => settle(wait, frame));
    return true;
  }

  /** A comment of one's own in the log is the answer to the one that was asked under its `client_id`. */
  heard(comment) {
    for (const [ref, wait] of this.#waiting) {
      if (wait.sent && wait.frame.client_id === comment.client_id && wait.frame.op === 'comment') {
        this.#end(ref, () => wait.resolve({ type: 'ack', state: 'posted', id: comment.id, seq: comment.seq, comment }));
      }
    }
  }

  /** A comment in the log, which may be of `you`. */
  seen(comment, you) {
    if (comment.client_id && comment.user.id === you?.user?.id) this.heard(comment);
  }

  /** No answer will come any more; `keepLasting` leaves those that can still be sent again. */
  fail(error, { keepLasting = false } = {}) {
    for (const [ref, wait] of [...this.#waiting]) {
      if (!(keepLasting && wait.lasting)) this.#end(ref, () => wait.reject(error));
    }
  }

  #dispatch(wait) {
    const sent = this.#send(wait.frame);
    if (sent) wait.sent += 1;
    return sent;
  }

  #end(ref, tell) {
    this.#waiting.delete(ref);
    tell();
  }
}

function settle(wait, frame) {
  if (frame.type === 'ack') return wait.resolve({ ...frame, state: 'posted' });
  if (frame.type !== 'error') return wait.resolve(frame);
  // Sent before and known no more: it was taken, and deleted meanwhile. It must not come back.
  const deleted = wait.frame.op === 'comment' && wait.sent > 1 && frame.code === 'not_found';
  deleted ? wait.resolve({ state: 'deleted' }) : wait.reject(new Refused(frame));
}
