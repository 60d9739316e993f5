/**
 * Livehouse client: one room over one WebSocket that mends itself. No dependencies; copy this file into any page.
 *
 *     import { LiveRoom } from './livehouse.js';
 *
 *     const room = new LiveRoom({ stream: '0198c0de-…', token: async ({ force }) => myAccessToken(force) });
 *     room.on('snapshot', ({ stream, comments }) => draw(stream, comments));
 *     room.on('comment.created', ({ comment }) => add(comment));
 *     room.on('status', ({ state, retryInMs }) => say(state));
 *     room.connect();
 *     await room.comment('hello');        // {state: 'posted', comment} or {state: 'held', comment_id}; else throws Refused
 *
 * Options: `stream` (id); `server` (default: this page's origin; a page elsewhere must be among the server's allowed
 * origins); `token` (async, answers an access token or null for a guest; `force` when the last one was refused).
 *
 * Emits, each with one object:
 *   status     {state: connecting|open|reconnecting|closed, attempt, retryInMs, code, reason}
 *   welcome, snapshot, resumed, pulse, you, queue, held, error, lagged, bye   the frame itself
 *   event      every numbered event once and in order, and again under its own type, as `comment.created`
 *   login      the server ended the session (4401); `renew()` after a new login
 * After `snapshot` draw everything anew; after `resumed` nothing: what was missed arrives as events.
 *
 * Methods: `connect()`, `close()`, `retry()` (now, not later), `renew()` (the account changed), `comment(content, {style,
 * reply_to, client_id})`, `remove(comment_id)`, `vote(poll_id, option)`, `react(kind, count)`, `on(type, f)` (gives the way to stop).
 * A comment whose answer was lost is sent again after reconnecting, under its `client_id`, so it is never posted twice.
 */

const ANSWER_MS = 10_000; // a probe unanswered for so long means the connection is dead
const BACKOFF_MS = [400, 20_000];
const FINAL = new Set([1002, 1003, 1007, 1009, 4400, 4404, 4409]);

/** The server's no to one operation. `code` as in the API; `retryAfterMs` where waiting helps. */
export class Refused extends Error {
  constructor({ code, message, retry_after_ms: retryAfterMs }) {
    super(message || code);
    this.code = code;
    this.detail = message;
    this.retryAfterMs = retryAfterMs;
  }
}

export class LiveRoom {
  #options;
  #listeners = new Map();
  #socket = null;
  #waiting = new Map(); // ref -> {op, resolve, reject, lasting}
  #refs = 0;
  #attempt = 0;
  #forceToken = false;
  #retryTimer = null;
  #quietTimer = null;
  #bye = null;
  #wanted = false;
  #unlisten = [];
  #turn = null;
  #heardAt = 0;
  #probing = false;

  constructor({ stream, server = globalThis.location?.origin, token = async () => null }) {
    this.#options = { stream, server, token };
    this.seq = null;
    this.epoch = null;
    this.you = null;
    this.limits = null;
    this.heartbeatMs = 25_000;
    this.state = 'closed';
  }

  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#watchBrowser();
    this.#open();
  }

  close() {
    this.#wanted = false;
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.#stopTimers();
    this.#drop(1000);
    this.#fail(new Refused({ code: 'closed' }));
    this.#status('closed', { code: 1000 });
  }

  /** Reconnects at once, whatever was planned. */
  retry() {
    if (this.state === 'open') return this.#probe();
    this.#restart();
  }

  /** Somebody logged in or out: shows the room the new token, or starts over as a guest. */
  async renew() {
    const token = await this.#options.token({});
    if (this.state === 'open' && token) return this.#ask('auth', { token });
    this.#restart();
  }

  comment(content, { style, reply_to, client_id = newId() } = {}) {
    const members = { content, client_id };
    if (style) members.style = style;
    if (reply_to) members.reply_to = reply_to;
    return this.#ask('comment', members, { lasting: true });
  }

  remove(comment_id) {
    return this.#ask('delete', { comment_id });
  }

  vote(poll_id, option) {
    return this.#ask('vote', { poll_id, option });
  }

  react(kind, count = 1) {
    if (this.state === 'open') this.#send({ op: 'react', kind, count });
  }

  // ---- connection

  /** Drops the socket and takes up the room again where it was. */
  #restart() {
    this.#stopTimers();
    this.#drop(1000);
    if (!this.#wanted) this.#watchBrowser();
    this.#wanted = true;
    this.#open();
  }

  async #open() {
    this.#status(this.#attempt ? 'reconnecting' : 'connecting', { attempt: this.#attempt });
    const turn = (this.#turn = {});
    let token = null;
    try {
      token = await this.#options.token({ force: this.#forceToken });
    } catch {
      return this.#turn === turn && this.#later();
    }
    if (this.#turn !== turn || !this.#wanted) return;
    this.#forceToken = false;
    this.#bye = null;
    const protocols = token ? ['livehouse.v1', `bearer.${token}`] : ['livehouse.v1'];
    const socket = new WebSocket(this.#address(), protocols);
    this.#socket = socket;
    let welcomed = false;
    this.#probing = true; // until the first frame
    this.#quiet(ANSWER_MS);
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      welcomed = true;
      this.#heard();
      this.#receive(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      // Refused before the upgrade: a browser does not say why, so the token is renewed to be sure.
      if (!welcomed && token && this.#attempt > 0) this.#forceToken = true;
      this.#closed(code, reason);
    };
  }

  #address() {
    const url = new URL(`/api/v1/streams/${encodeURIComponent(this.#options.stream)}/ws`, this.#options.server);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.seq !== null && this.epoch !== null) {
      url.searchParams.set('since', this.seq);
      url.searchParams.set('epoch', this.epoch);
    }
    return url;
  }

  #closed(code, reason) {
    this.#stopTimers();
    this.#fail(new Refused({ code: 'offline' }), { keepLasting: true });
    const bye = this.#bye;
    if (code === 4401) {
      this.#forceToken = true;
      this.#emit('login', { reason: bye?.reason || reason });
    }
    const again = bye && typeof bye.retry === 'boolean' ? bye.retry : !FINAL.has(code);
    if (!this.#wanted) return;
    if (again) return this.#later(bye?.retry_after_ms);
    this.#wanted = false;
    this.#fail(new Refused({ code: 'closed' }));
    this.#status('closed', { code, reason: bye?.reason || reason });
  }

  /** Full jitter: a room that lost all its viewers at once must not get them back at once. */
  #later(atLeastMs = 0) {
    this.#attempt += 1;
    const [first, most] = BACKOFF_MS;
    const ceiling = Math.min(most, first * 2 ** Math.min(this.#attempt, 8));
    const retryInMs = Math.round(atLeastMs + first / 2 + Math.random() * ceiling);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#open(), retryInMs);
    this.#status('reconnecting', { attempt: this.#attempt, retryInMs });
  }

  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#turn = null;
    if (socket && socket.readyState < 2) socket.close(code);
  }

  #stopTimers() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#quietTimer);
  }

  /** Browsers see no pings: after silence this side asks, and gives up on a connection that does not answer. */
  #quiet(ms) {
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#hush(), ms);
  }

  /** One timer for any number of frames: it looks when the last was heard, and goes on from there. */
  #hush() {
    const leftMs = this.#heardAt + this.heartbeatMs - performance.now();
    if (this.state === 'open' && leftMs > 0) return this.#quiet(leftMs);
    this.state === 'open' ? this.#probe() : this.#giveUp();
  }

  #heard() {
    this.#heardAt = performance.now();
    if (!this.#probing) return;
    this.#probing = false;
    this.#quiet(this.heartbeatMs);
  }

  #probe() {
    if (!this.#socket || this.#socket.readyState !== 1) return;
    this.#send({ op: 'ping' });
    this.#probing = true;
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#giveUp(), ANSWER_MS);
  }

  #giveUp() {
    if (!this.#socket) return;
    this.#drop(1000);
    this.#closed(1006, 'silent');
  }

  #watchBrowser() {
    if (typeof window === 'undefined') return;
    const listen = (target, type, f) => {
      target.addEventListener(type, f);
      this.#unlisten.push(() => target.removeEventListener(type, f));
    };
    const awake = () => {
      if (document.visibilityState === 'hidden') return;
      if (this.state === 'open') this.#probe();
      else if (this.state === 'reconnecting' && !this.#socket) this.retry();
    };
    listen(window, 'online', awake);
    listen(window, 'pageshow', awake);
    listen(document, 'visibilitychange', awake);
    listen(window, 'offline', () => this.state === 'open' && this.#probe());
  }

  // ---- frames

  #receive(data) {
    const frame = parse(data);
    if (!frame) return;
    if (Number.isSafeInteger(frame.seq) && 'ts' in frame) return this.#event(frame);
    this.#frames[frame.type]?.(frame);
  }

  #frames = {
    welcome: (frame) => {
      this.heartbeatMs = frame.heartbeat_ms || this.heartbeatMs;
      this.limits = frame.limits;
      this.you = frame.you;
      this.#emit('welcome', frame);
      this.#emit('you', frame.you);
    },
    snapshot: (frame) => {
      this.epoch = frame.epoch;
      this.seq = frame.seq;
      this.#emit('snapshot', frame);
      this.#joined();
    },
    resumed: (frame) => {
      this.epoch = frame.epoch;
      this.#emit('resumed', frame);
      this.#joined();
    },
    you: (frame) => {
      this.you = frame;
      this.#emit('you', frame);
      this.#settle(frame.ref, (wait) => wait.resolve(frame));
    },
    ack: (frame) => this.#settle(frame.ref, (wait) => wait.resolve({ ...frame, state: 'posted' })),
    held: (frame) => {
      this.#emit('held', frame);
      this.#settle(frame.ref, (wait) => wait.resolve(frame));
    },
    error: (frame) => {
      if (!this.#settle(frame.ref, (wait) => wait.reject(new Refused(frame)))) this.#emit('error', frame);
    },
    pong: () => {},
    pulse: (frame) => this.#emit('pulse', frame),
    queue: (frame) => this.#emit('queue', frame),
    lagged: (frame) => this.#emit('lagged', frame),
    bye: (frame) => {
      this.#bye = frame;
      this.#emit('bye', frame);
    },
    'token.expiring': () => this.#renewOnOpenSocket(),
  };

  #joined() {
    this.#attempt = 0;
    this.#status('open');
    for (const wait of this.#waiting.values()) if (wait.lasting) this.#send(wait.frame);
  }

  /** Numbered: what is not beyond what was seen has been seen. */
  #event(frame) {
    if (this.seq !== null && frame.seq <= this.seq) return;
    this.seq = frame.seq;
    this.#emit('event', frame);
    this.#emit(frame.type, frame);
  }

  async #renewOnOpenSocket() {
    try {
      const token = await this.#options.token({ force: true });
      if (token) await this.#ask('auth', { token });
    } catch {
      // At its end the viewer becomes a guest; the next reconnect renews.
    }
  }

  #ask(op, members, { lasting = false } = {}) {
    const ref = String(++this.#refs);
    const frame = { op, ref, ...members };
    return new Promise((resolve, reject) => {
      if (!lasting && this.state !== 'open') return reject(new Refused({ code: 'offline' }));
      this.#waiting.set(ref, { frame, resolve, reject, lasting });
      if (this.state === 'open') this.#send(frame);
    });
  }

  #settle(ref, settle) {
    const wait = ref === undefined ? null : this.#waiting.get(ref);
    if (!wait) return false;
    this.#waiting.delete(ref);
    settle(wait);
    return true;
  }

  #fail(error, { keepLasting = false } = {}) {
    for (const [ref, wait] of this.#waiting) {
      if (keepLasting && wait.lasting) continue;
      this.#waiting.delete(ref);
      wait.reject(error);
    }
  }

  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #status(state, more = {}) {
    this.state = state;
    this.#emit('status', { state, ...more });
  }

  #emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) || [])]) listener(detail);
  }
}

function parse(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame.type === 'string' ? frame : null;
  } catch {
    return null;
  }
}

/** An id of one's own for a comment, so that a repeat is recognised. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
