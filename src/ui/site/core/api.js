// Calls to the REST API. Knows tokens only through the session it is given.

const BASE = '/api/v1';

/** A refusal by the server, or by the network (`code` is `offline` then). */
class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || problem.code);
    this.status = status;
    this.code = problem.code || 'internal';
    this.detail = problem.detail;
    this.fields = problem.errors || [];
    this.retryAfterMs = problem.retry_after_ms;
  }
}

let authority = { token: async () => null };

/** Who supplies access tokens: `token({force})` answers one or null. */
export function authorizeWith(next) {
  authority = next;
}

/** One call; answers the parsed body, null where there is none. Renews the token once where it has run out. */
export async function call(method, path, body, { headers = {}, anonymous = false } = {}) {
  const kind = body === undefined ? {} : { 'content-type': 'application/json' };
  const init = { method, headers: { accept: 'application/json', ...headers, ...kind }, body: body === undefined ? undefined : JSON.stringify(body) };
  return read(anonymous ? await fetched(BASE + path, init) : await send(BASE + path, init));
}

/** As whoever is logged in, or nobody. */
async function send(path, init) {
  const first = await fetched(path, as(await authority.token({}), init));
  if (first.status !== 401) return first;
  const token = await authority.token({ force: true });
  return token ? fetched(path, as(token, init)) : first;
}

const as = (token, init) => (token ? { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } } : init);

/** Offers to send or receive a picture, with an SDP, at an address that the server gave; `{sdp, session}`: its answer, and where it is ended. */
export async function offer(url, sdp) {
  const headers = { accept: 'application/sdp, application/problem+json', 'content-type': 'application/sdp' };
  const answer = await send(here(url), { method: 'POST', headers, body: sdp });
  if (!answer.ok) return read(answer);
  return { sdp: await answer.text(), session: here(answer.headers.get('location')) };
}

/** Ends what was begun by an offer, also while the page goes away. */
export async function withdraw(session) {
  await send(session, { method: 'DELETE', headers: {}, keepalive: true }).catch(() => {});
}

/** Puts a file, of the type that it says; answers the parsed body. */
export async function upload(path, file) {
  return read(await send(BASE + path, { method: 'PUT', headers: { accept: 'application/json', 'content-type': file.type }, body: file }));
}

/** An address of the API as this page reaches it: the server may be known by another name. */
export function here(url) {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

async function fetched(path, init) {
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new ApiError(0, { code: 'offline' });
  }
}

/** An exchange as it is, status and all; `path` is from the root of the site, `body` is text. */
export async function exchange(method, path, body) {
  const headers = { accept: 'application/json, */*' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetched(path, as(await authority.token({}), { method, headers, body }));
}

async function read(response) {
  const text = response.status === 204 ? '' : await response.text();
  const body = parse(text);
  if (response.ok) return body;
  throw new ApiError(response.status, body || { code: 'internal', title: response.statusText });
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export const get = (path) => call('GET', path);
export const post = (path, body = {}) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const patch = (path, body, headers) => call('PATCH', path, body, { headers });
export const del = (path, body) => call('DELETE', path, body);

/** A path with its parameters: `query('/streams', {status: 'live', tag: null})`. */
export function query(path, params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** A list that is read on when wanted: `more()` gives its items so far, `done` says whether that is all. */
export class Pages {
  items = [];
  done = false;
  #cursor = null;

  constructor(path, params = {}) {
    Object.assign(this, { path, params: { limit: 50, ...params } });
  }

  async more() {
    const page = await get(query(this.path, { ...this.params, cursor: this.#cursor }));
    this.items.push(...page.items);
    this.#cursor = page.next_cursor;
    this.done = !page.next_cursor;
    return this.items;
  }
}

/** Items of a list, page by page, at most `most` of them. */
export async function all(path, most = 500) {
  const pages = new Pages(path, { limit: 100 });
  while (!pages.done && pages.items.length < most) await pages.more();
  return pages.items;
}

/** An id or a name as a piece of a path. */
export const piece = encodeURIComponent;
