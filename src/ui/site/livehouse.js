/**
 * Livehouse client: one room over one WebSocket that mends itself. No dependencies; copy this file and the folder
 * `livehouse/` beside it into any page. As a package for Node and bundlers, with its types: `clients/js`.
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
 * origins); `token` (async, answers an access token or null for a guest; `force`: the last one was refused); `WebSocket` and
 * `fetch` (default: the runtime's own).
 *
 * Emits, each with one object:
 *   status     {state: connecting|open|reconnecting|closed, by, attempt, retryInMs, code, reason}; `by` is `socket`, or `http`
 *              where no WebSocket comes through; `reason` a code of the API, where the server gave one
 *   welcome, snapshot, resumed, pulse, picture, ingest, you, queue, held, error, lagged, bye   the frame itself
 *   event      every numbered event once and in order, and again under its own type, as `comment.created`
 *   login      the server does not take the session (4401, 401); `renew()` after a new login, a guest until then
 *   error      a frame, too, of what no further try can mend (a token that cannot be sent, a refusal for good); `closed` follows
 * After `snapshot` draw everything anew; after `resumed` nothing: what was missed arrives as events. By HTTP there are
 * no counts and no rights of moderators; a WebSocket is tried again all the while.
 *
 * Methods: `connect()`, `close()`, `retry()` (now, not later), `renew()` (the account changed), `comment(content, {style,
 * reply_to, client_id})`, `remove(comment_id)`, `vote(poll_id, option)`, `react(kind, count)`, `on(type, f)` (gives the way to stop).
 * A comment whose answer was lost is sent again under its `client_id` once the log was read and does not have it, so it is
 * never posted twice; `{state: 'deleted'}` says that it was posted, and deleted meanwhile.
 */
import { Asks } from './livehouse/asks.js';
import { HttpRoom, Refused } from './livehouse/http.js';
import { ANSWER_MS, Credentials, Emitter, Silence, Timers, backoff, newId, openSocket, parse } from './livehouse/small.js';
import { onWake } from './livehouse/wake.js';

export { Refused, newId };

const BACKOFF_MS = [400, 20_000];
const SOCKET_AGAIN_MS = [2_000, 300_000]; // how often a WebSocket is tried while HTTP serves
const STEADY_MS = 30_000; // a connection that lived for so long was a good one
const FINAL = new Set([1002, 1003, 1007, 1009, 4400, 4404, 4409]);
const LATEST = new Set(['pulse', 'picture', 'ingest', 'queue']); // latest values: they go to whoever listens, as they are

export class LiveRoom extends Emitter {
  #options;
  #credentials;
  #asks = new Asks((frame) => this.#send(frame));
  #silence = new Silence(() => this.#http !== null || this.#send({ op: 'ping' }), () => this.#lost());
  #socket = null;
  #http = null;
  #attempt = 0;
  #tries = 0; // of a WebSocket, while HTTP serves
  #timers = new Timers();
  #bye = null;
  #reason; // why there is no connection, where the server said it
  #wanted = false;
  #unlisten = null;
  #turn = null;
  #head = null; // how far the log must be read before anything is sent again

  constructor({ stream, server = globalThis.location?.origin, token = async () => null, WebSocket, fetch }) {
    super();
    if (!server) throw new TypeError('server: outside of a page its address must be given');
    if (!(WebSocket ?? globalThis.WebSocket)) throw new TypeError('WebSocket: this runtime has none of its own, so one must be given');
    this.#options = { stream, server, WebSocket, fetch };
    this.#credentials = new Credentials(token);
    this.seq = null;
    this.epoch = null;
    this.you = null;
    this.limits = null;
    this.state = 'closed';
  }

  connect() {
    if (!this.#wanted) this.#restart();
  }

  close() {
    this.#stop(new Refused({ code: 'closed' }), { code: 1000 });
  }

  /** Reconnects at once, whatever was planned. */
  retry() {
    if (this.state === 'open' && this.#socket && !this.#http) return this.#silence.probe();
    this.#restart();
  }

  /** Somebody logged in or out: shows the room the new token, or starts over as a guest. */
  async renew() {
    this.#credentials.fresh();
    const token = await this.#credentials.token();
    if (this.state === 'open' && !this.#http && token) return this.#asks.ask('auth', { token });
    this.#restart();
  }

  comment(content, options) {
    return this.#asks.comment(content, options);
  }

  remove(comment_id) {
    return this.#asks.ask('delete', { comment_id });
  }

  vote(poll_id, option) {
    return this.#asks.ask('vote', { poll_id, option });
  }

  react(kind, count = 1) {
    this.#send({ op: 'react', kind, count });
  }

  // ---- connection

  /** Drops the connection and takes up the room again where it was. */
  #restart() {
    this.#drop();
    this.#wanted = true;
    this.#unlisten ??= onWake(() => this.#awake(), () => this.#silence.probe());
    this.#open();
  }

  async #open() {
    this.#status(this.#attempt ? 'reconnecting' : 'connecting', { attempt: this.#attempt, reason: this.#reason });
    const turn = (this.#turn = {});
    try {
      const token = await this.#credentials.token();
      if (this.#turn === turn) this.#dial(token, () => this.#unheard(turn));
    } catch (error) {
      if (this.#turn === turn) error?.isFinal ? this.#giveUp(error) : this.#later();
    }
  }

  /** Opens a socket; `refused()` is called where it ends before its first frame. */
  #dial(token, refused) {
    const socket = openSocket(this.#options, this, token);
    this.#socket = socket;
    this.#bye = null;
    let welcomed = false;
    const ended = (code, reason) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#timers.stop('dial');
      welcomed ? this.#closed(code, reason) : refused();
    };
    this.#timers.set('dial', ANSWER_MS, () => {
      ended(1006, 'silent');
      socket.close(1000);
    });
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      if (!welcomed) this.#welcomed();
      welcomed = true;
      this.#silence.heard();
      this.#receive(parse(data));
    };
    socket.onclose = ({ code, reason }) => ended(code, reason);
    socket.onerror = () => {}; // its close follows; Node's `ws` throws an error that nobody listens to
  }

  #closed(code, reason) {
    this.#unlink();
    const bye = this.#bye;
    const words = bye?.reason || reason;
    if (code === 4401) {
      this.#credentials.refused();
      this.emit('login', { reason: words });
    }
    if (!this.#wanted) return;
    const again = bye && typeof bye.retry === 'boolean' ? bye.retry : !FINAL.has(code);
    if (again) return this.#later(bye?.retry_after_ms);
    this.#stop(new Refused({ code: 'closed' }), { code, reason: words });
  }

  /** Tries again, the later the more often it was in vain. */
  #later(atLeastMs = 0, reason = undefined) {
    this.#timers.stopAll();
    this.#reason = reason;
    this.#attempt += 1;
    const retryInMs = Math.round(atLeastMs + backoff(this.#attempt, BACKOFF_MS));
    this.#timers.set('retry', retryInMs, () => this.#open());
    this.#status('reconnecting', { attempt: this.#attempt, retryInMs, reason });
  }

  #stop(error, status) {
    this.#wanted = false;
    this.#unlisten?.();
    this.#unlisten = null;
    this.#drop();
    this.#asks.fail(error);
    this.#status('closed', status);
  }

  /** No further try can mend it. */
  #giveUp({ code, detail }) {
    this.emit('error', { type: 'error', code, message: detail });
    this.#stop(new Refused({ code: 'closed' }), { code: code === 'unauthenticated' ? 4401 : 4400, reason: code });
  }

  #drop() {
    const [socket, http] = [this.#socket, this.#http];
    this.#socket = this.#http = this.#turn = null;
    this.#timers.stopAll();
    this.#silence.stop();
    if (socket && socket.readyState < 2) socket.close(1000);
    http?.close();
  }

  /** Ends what there is; what lasts waits for the next connection. */
  #unlink() {
    this.#drop();
    this.#asks.fail(new Refused({ code: 'offline' }), { keepLasting: true });
  }

  /** It is dead, though nobody said so. */
  #lost() {
    this.#unlink();
    this.#later();
  }

  // ---- where no WebSocket comes through

  /** No frame came, and a browser does not say why: the log by HTTP says it, or serves in the socket's place. */
  async #unheard(turn) {
    const http = new HttpRoom({ ...this.#options, token: () => this.#credentials.token() });
    let serving = false;
    try {
      const look = this.seq === null ? await http.look() : null;
      const body = await http.open(look ? look.snapshot.seq : this.seq);
      if (this.#turn !== turn) return;
      this.#http = http;
      serving = true;
      await this.#served(http, body, look);
      if (this.#http === http) this.#lost();
    } catch (error) {
      if (serving ? this.#http === http : this.#turn === turn) this.#unserved(error);
    } finally {
      http.close();
    }
  }

  #served(http, body, look) {
    this.#silence.heard();
    if (look) {
      this.#frames.you(look.you);
      this.#receive(look.snapshot);
    } else this.#joined();
    this.#tries = 0;
    this.#socketAgain();
    return http.read(body, (frame, epoch) => this.#http === http && this.#logged(frame, epoch), () => this.#silence.heard());
  }

  /** A log of another epoch is another log: the room is taken up from its beginning. */
  #logged(frame, epoch) {
    if (epoch === null || epoch === this.epoch || frame.type === 'snapshot') return this.#receive(frame);
    this.seq = this.epoch = null;
    this.#restart();
  }

  #socketAgain() {
    this.#tries += 1;
    const again = () => this.#http && this.#socketAgain();
    this.#timers.set('socket', backoff(this.#tries, SOCKET_AGAIN_MS), async () => {
      try {
        const token = await this.#credentials.token();
        if (this.#http && !this.#socket) this.#dial(token, again);
      } catch {
        again(); // HTTP serves meanwhile, and finds out
      }
    });
  }

  #welcomed() {
    this.#timers.stop('dial');
    this.#http?.close();
    this.#http = null;
  }

  #unserved(error) {
    this.#unlink();
    if (error.status === 404) return this.#stop(new Refused({ code: 'closed' }), { code: 4404, reason: error.code });
    if (error.isFinal) return this.#giveUp(error);
    if (error.status === 401 && this.#credentials.refused()) this.emit('login', { reason: error.code });
    this.#later(error.retryAfterMs, error instanceof Refused ? error.code : undefined);
  }

  #awake() {
    if (this.state === 'open') this.#silence.probe();
    else if (this.state === 'reconnecting' && !this.#socket && !this.#http) this.retry();
  }

  // ---- frames

  #receive(frame) {
    if (!frame) return;
    if (Number.isSafeInteger(frame.seq) && 'ts' in frame) return this.#event(frame);
    if (LATEST.has(frame.type)) this.emit(frame.type, frame);
    else this.#frames[frame.type]?.(frame);
  }

  #frames = {
    welcome: (frame) => {
      this.#silence.ms = frame.heartbeat_ms || this.#silence.ms;
      this.limits = frame.limits;
      this.emit('welcome', frame);
      this.#frames.you(frame.you);
    },
    snapshot: (frame) => {
      this.epoch = frame.epoch;
      this.seq = frame.seq;
      this.emit('snapshot', frame);
      for (const comment of frame.comments) this.#asks.seen(comment, this.you);
      this.#joined();
    },
    resumed: (frame) => {
      this.epoch = frame.epoch;
      this.emit('resumed', frame);
      this.#joined(frame.to);
    },
    you: (frame) => {
      this.you = frame;
      this.emit('you', frame);
      this.#asks.answer(frame);
    },
    ack: (frame) => this.#asks.answer(frame),
    held: (frame) => {
      this.emit('held', frame);
      this.#asks.answer(frame);
    },
    error: (frame) => this.#asks.answer(frame) || this.emit('error', frame),
    pong: (frame) => this.#asks.answer(frame),
    lagged: (frame) => {
      this.emit('lagged', frame);
      this.#read(frame.to);
    },
    bye: (frame) => {
      this.#bye = frame;
      this.emit('bye', frame);
    },
    'token.expiring': () => this.#renewOnOpenSocket(),
  };

  /** In the room; `head` is how far the log goes that is still to come. */
  #joined(head = this.seq) {
    this.#timers.set('steady', STEADY_MS, () => {
      this.#attempt = 0;
      this.#credentials.fresh();
    });
    this.#status('open', { by: this.#http ? 'http' : 'socket' });
    this.#head = head;
    this.#read(this.seq);
  }

  /** The log is read up to `seq`; at its head it is clear what has no answer and must be sent again. */
  #read(seq) {
    if (this.#head === null || seq < this.#head) return;
    this.#head = null;
    this.#asks.again();
  }

  /** Numbered: what is not beyond what was seen has been seen. */
  #event(frame) {
    if (this.seq !== null && frame.seq <= this.seq) return;
    this.seq = frame.seq;
    if (frame.type === 'comment.created') this.#asks.seen(frame.comment, this.you);
    this.emit('event', frame);
    this.emit(frame.type, frame);
    this.#read(frame.seq);
  }

  async #renewOnOpenSocket() {
    try {
      const token = await this.#credentials.ask({ force: true });
      if (token) await this.#asks.ask('auth', { token });
    } catch {
      // At its end the viewer becomes a guest; the next reconnect renews.
    }
  }

  /** Gives a frame to the connection there is; false where there is none. */
  #send(frame) {
    if (this.state !== 'open') return false;
    if (this.#http) return this.#act(this.#http, frame);
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** By HTTP; where the server is not reached the log ends too, and what lasts is sent again. */
  #act(http, frame) {
    http.act(frame).then((answer) => this.#receive(answer), () => this.#http === http && this.#lost());
    return true;
  }

  #status(state, more = {}) {
    this.state = state;
    this.emit('status', { state, ...more });
  }
}
