// The small parts of the client: listeners, timers by name, waits that grow, silence, credentials, ids, sockets.
import { Refused } from './http.js';

export const ANSWER_MS = 10_000; // what is unanswered for so long is dead
const IS_TOKEN = /^[\w!#$%&'*+.^`|~-]+$/; // what may stand in a header and in a subprotocol (RFC 9110, 5.6.2)

/** Something that others listen to. */
export class Emitter {
  #listeners = new Map();

  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) || [])]) listener(detail);
  }
}

/** One timer a name: setting it anew forgets the old one. */
export class Timers {
  #running = new Map();

  set(name, ms, f) {
    this.stop(name);
    this.#running.set(name, setTimeout(() => this.#running.delete(name) && f(), ms));
  }

  has(name) {
    return this.#running.has(name);
  }

  stop(name) {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  stopAll() {
    for (const name of [...this.#running.keys()]) this.stop(name);
  }
}

/** Full jitter: a room that lost all its viewers at once must not get them back at once. */
export function backoff(attempt, [first, most]) {
  return Math.round(first / 2 + Math.random() * Math.min(most, first * 2 ** Math.min(attempt, 12)));
}

/** An id of one's own for a comment, so that a repeat is recognised. It is no secret: Node 18 has no `crypto` of its own. */
export function newId() {
  const bytes = globalThis.crypto?.getRandomValues(new Uint8Array(12)) ?? Array.from({ length: 12 }, () => Math.random() * 256);
  return Array.from(bytes, (b) => Math.floor(b).toString(16).padStart(2, '0')).join('');
}

/** A socket to a room. Throws a `Refused` that is final where none can be made. */
export function openSocket(options, { seq, epoch }, token) {
  if (token && !IS_TOKEN.test(token)) throw new Refused({ code: 'unauthenticated', message: 'this token cannot be sent', status: 400 });
  const protocols = token ? ['livehouse.v1', `bearer.${token}`] : ['livehouse.v1'];
  const Socket = options.WebSocket ?? globalThis.WebSocket;
  try {
    return new Socket(socketAddress(options, seq, epoch), protocols);
  } catch (error) {
    throw new Refused({ code: 'bad_request', message: error.message, status: 400 });
  }
}

/** Where a stream's socket is; where something of its log was seen, `seq` and `epoch` say how far. */
function socketAddress({ stream, server }, seq, epoch) {
  const url = new URL(`/api/v1/streams/${encodeURIComponent(stream)}/ws`, server);
  url.protocol = url.protocol.replace('http', 'ws');
  if (seq !== null && epoch !== null) {
    url.searchParams.set('since', seq);
    url.searchParams.set('epoch', epoch);
  }
  return url;
}

/** A frame, or null where it is none. */
export function parse(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame.type === 'string' ? frame : null;
  } catch {
    return null;
  }
}

/** Notices a connection that has gone silent: browsers see no pings, so after `ms` it asks, and then waits for an answer. */
export class Silence {
  #timers = new Timers();
  #heardAt = 0;
  #probing = false;

  /** `ask()` sends a probe, false where there is no way to; `giveUp()` ends the connection. */
  constructor(ask, giveUp) {
    Object.assign(this, { ask, giveUp, ms: 25_000 });
  }

  heard() {
    this.#heardAt = performance.now();
    if (this.#timers.has('quiet') && !this.#probing) return;
    this.#probing = false;
    this.#timers.set('quiet', this.ms, () => this.#hush());
  }

  probe() {
    if (this.ask()) this.#probed();
  }

  stop() {
    this.#timers.stopAll();
    this.#probing = false;
  }

  /** One timer for any number of frames: it looks when the last was heard, and goes on from there. */
  #hush() {
    const leftMs = this.#heardAt + this.ms - performance.now();
    if (leftMs > 0) this.#timers.set('quiet', leftMs, () => this.#hush());
    else if (this.ask()) this.#probed();
    else this.giveUp();
  }

  #probed() {
    this.#probing = true;
    this.#timers.set('quiet', ANSWER_MS, this.giveUp);
  }
}

/** What is shown to the server: a token that was refused is renewed once; when that one is refused too, nothing. */
export class Credentials {
  #force = false;
  #refusals = 0;

  constructor(token) {
    this.ask = token;
  }

  async token() {
    const force = this.#force;
    this.#force = false;
    return this.#refusals > 1 ? null : this.ask({ force });
  }

  /** Whether it is time for a new login. */
  refused() {
    this.#force = true;
    this.#refusals += 1;
    return this.#refusals > 1;
  }

  fresh() {
    this.#refusals = 0;
  }
}
