// One room by plain HTTP, where no WebSocket comes through: the log as server-sent events, what one does as calls.

/** The server's no to one operation. `code` as in the API; `retryAfterMs` where waiting helps. */
export class Refused extends Error {
  constructor({ code, message, detail = message, retry_after_ms: retryAfterMs, status = 0 }) {
    super(detail || code);
    Object.assign(this, { code, detail, retryAfterMs, status });
  }

  /** Whether what was asked for is refused however often it is asked. */
  get isFinal() {
    return this.status === 400 || this.status === 431 || this.code === 'forbidden';
  }
}

const OPEN_MS = 10_000; // an answer that takes longer is none
const BEYOND = Number.MAX_SAFE_INTEGER; // a place after every event: asks for the head alone

export class HttpRoom {
  #end = new AbortController();

  /** `token` is asked before each call, and answers one or null; `fetch` is the runtime's own unless given. */
  constructor({ stream, server, token, fetch = (...call) => globalThis.fetch(...call) }) {
    Object.assign(this, { base: `${server}/api/v1/streams/${encodeURIComponent(stream)}`, token, server, fetch });
  }

  close() {
    this.#end.abort();
  }

  /** What a room looks like now, as a `welcome` and a `snapshot`; what only a socket tells is left empty. */
  async look() {
    const { head, epoch } = await this.#call('GET', `/events?after=${BEYOND}&limit=1`);
    const token = await this.token();
    const [stream, page, user] = await Promise.all([
      this.#call('GET', ''), this.#call('GET', '/comments?limit=50'), token && this.#json('GET', `${this.server}/api/v1/users/me`)]);
    const snapshot = { type: 'snapshot', epoch, seq: head, stream, comments: page.items.reverse() };
    Object.assign(snapshot, { settings: null, pinned: null, announcement: null, poll: null, questions: [] });
    return { you: rights(user || null, stream), snapshot };
  }

  /** Opens the log after `seq`, or from now on; throws `Refused`, or a TypeError where the server is not reached. */
  async open(seq) {
    const response = await this.#fetch('GET', `${this.base}/events${seq === null ? '' : `?after=${seq}`}`, undefined, 'text/event-stream');
    if (!response.ok) throw await refusal(response);
    return response.body;
  }

  /** Reads it to its end: `onframe(frame, epoch)`, and `onlife()` at every sign of life. */
  async read(body, onframe, onlife) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
      const { value, done } = await reader.read();
      if (done || this.#end.signal.aborted) return;
      onlife();
      const blocks = (text + value).replaceAll('\r\n', '\n').split('\n\n');
      text = blocks.pop();
      for (const block of blocks) deliver(block, onframe);
    }
  }

  /** Does what a client frame asks, and answers as a socket would. Throws where the server is not reached. */
  async act({ op, ref, ...members }) {
    try {
      return { ref, ...(await this.#acts[op](members)) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { type: 'error', ref, code: error.code, message: error.detail, retry_after_ms: error.retryAfterMs };
    }
  }

  #acts = {
    comment: async (members) => {
      const answer = await this.#call('POST', '/comments', members);
      if (answer.state === 'held') return { type: 'held', ...answer };
      return { type: 'ack', op: 'comment', id: answer.id, seq: answer.seq, comment: answer };
    },
    delete: async ({ comment_id }) => this.#done('delete', await this.#call('DELETE', `/comments/${encodeURIComponent(comment_id)}`)),
    vote: async ({ poll_id, option }) => this.#done('vote', await this.#call('PUT', `/polls/${encodeURIComponent(poll_id)}/vote`, { option })),
    react: async (members) => this.#done('react', await this.#call('POST', '/reactions', members)),
    ping: async () => ({ type: 'pong' }),
    auth: async () => ({ type: 'pong' }),
  };

  #done(op) {
    return { type: 'ack', op };
  }

  #call(method, path, body) {
    return this.#json(method, this.base + path, body);
  }

  async #json(method, url, body) {
    const response = await this.#fetch(method, url, body, 'application/json');
    if (!response.ok) throw await refusal(response);
    return response.status === 204 ? null : response.json();
  }

  async #fetch(method, url, body, accept) {
    const token = await this.token();
    const headers = { accept };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const { fetch } = this; // a browser's own is not called as a method of something else
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), OPEN_MS);
    this.#end.signal.addEventListener('abort', () => late.abort(), { once: true });
    try {
      const text = body === undefined ? undefined : JSON.stringify(body);
      return await fetch(url, { method, headers, body: text, signal: late.signal, cache: 'no-store' });
    } finally {
      clearTimeout(timer);
    }
  }
}

function deliver(block, onframe) {
  let [id, data] = ['', ''];
  for (const line of block.split('\n')) {
    if (line.startsWith('id:')) id = line.slice(3).trim();
    if (line.startsWith('data:')) data += line.slice(5).trim();
  }
  const epoch = id.includes(':') ? id.slice(0, id.lastIndexOf(':')) : null;
  if (data) onframe(JSON.parse(data), epoch);
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get('retry-after'));
  const retry_after_ms = problem.retry_after_ms ?? (seconds > 0 ? seconds * 1000 : undefined);
  return new Refused({ code: problem.code || 'internal', detail: problem.detail, retry_after_ms, status: response.status });
}

/** One's rights as far as they can be told from outside; the server decides in any case. */
function rights(user, { host }) {
  const isHost = user !== null && user.id === host.id;
  const can = user ? ['comment', 'react', 'vote', 'ask'] : [];
  if (isHost) can.push('delete', 'ban', 'review', 'pin', 'announce', 'poll', 'settings', 'manage');
  return { role: isHost ? 'host' : user ? 'viewer' : 'guest', user, can, ban: null, vote: null };
}
