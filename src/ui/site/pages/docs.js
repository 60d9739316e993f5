// The API as its own document tells it: how to begin, every call with its parameters, bodies and answers, the socket.
import { h, fill } from '../core/dom.js';
import { get } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { arrive, title } from '../core/router.js';
import { empty } from '../components/live.js';
import { prose, table } from './prose.js';
import { schemaView, schemaName } from './schema.js';
import { socketConsole } from './console.js';
import { tryIt } from './try.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const SOCKET = 'openSocket';

export function open(place) {
  title(t('api'));
  return arrive(place, () => get('/openapi.json'), (api) => draw(place, api), (error) => fill(place.main, empty('warn', t('api'), explain(error))));
}

function draw({ main, life }, api) {
  const groups = grouped(api);
  const places = [['begin', t('docs.begin')], ...groups.map(({ name }) => [name, name]), ['codes', t('docs.codes')], ['limits', t('docs.limits')], ['schemas', t('docs.schemas')]];
  const nav = h('nav', { class: 'docs-nav', 'aria-label': t('api') }, places.map(([id, text]) => h('a', { href: `#${id}` }, text)));
  const body = h('div', { class: 'docs-body' },
    h('header', null, h('h1', null, api.info?.title || 'API'), h('p', { class: 'muted' }, `OpenAPI ${api.openapi} · `, h('a', { class: 'link', href: '/api/v1/openapi.json', download: 'openapi.json' }, 'openapi.json'), ' · ', h('a', { class: 'link', href: '/api/v1/asyncapi.json', download: 'asyncapi.json' }, 'asyncapi.json'))),
    h('section', { id: 'begin' }, h('h2', null, t('docs.begin')), prose(api.info?.description)),
    groups.map((group) => section(group, api)),
    h('section', { id: 'codes' }, h('h2', null, t('docs.codes')), table(api['x-error-codes'], ['status', 'code', 'meaning'], ['code'])),
    h('section', { id: 'limits' }, h('h2', null, t('docs.limits')), table(api['x-limits'], ['name', 'value', 'counts', 'reached'], ['name'])),
    h('section', { id: 'schemas' }, h('h2', null, t('docs.schemas')), Object.entries(api.components?.schemas || {}).map(([name, schema]) => named(name, schema))));
  fill(main, h('div', { class: 'docs' }, nav, body));
  openNamed();
  life.listen(window, 'hashchange', openNamed);
}

/** Calls by their tag, in the order in which the document has its tags. */
function grouped(api) {
  const groups = new Map((api.tags || []).map((tag) => [tag.name, { ...tag, calls: [] }]));
  for (const [path, item] of Object.entries(api.paths || {})) {
    for (const method of METHODS.filter((m) => item[m])) {
      const name = item[method].tags?.[0] || 'api';
      if (!groups.has(name)) groups.set(name, { name, calls: [] });
      groups.get(name).calls.push({ path, method, call: item[method] });
    }
  }
  return [...groups.values()];
}

function section({ name, description, calls }, api) {
  const room = calls.some(({ call }) => call.operationId === SOCKET);
  return h('section', { id: name }, h('h2', null, name), prose(description),
    room && [h('h3', null, t('docs.closes')), table(api['x-close-codes'], ['code', 'meaning', 'reconnect'], ['code'])],
    room && [h('h3', null, t('docs.frames')), h('p', null, ['ClientFrame', 'ServerFrame', 'LogEvent'].map((frame) => [h('a', { class: 'link', href: `#schema-${frame}` }, frame), ' ']))],
    calls.map((one) => operation(one, api)));
}

/** A link to a folded part opens it. */
function openNamed() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === 'DETAILS') target.open = true;
  target.scrollIntoView();
}

function named(name, schema) {
  const examples = (schema.examples || []).map((example) => h('pre', { class: 'sample', tabindex: 0 }, JSON.stringify(example, null, 2)));
  return h('details', { class: 'op', id: `schema-${name}` }, h('summary', null, h('code', null, name)), prose(schema.description), schemaView(schema), examples);
}

function operation({ path, method, call }, api) {
  const parameters = call.parameters || [];
  const body = call.requestBody?.content;
  const attempt = call.operationId === SOCKET ? socketConsole() : tryIt(method, path, call, api);
  return h('details', { class: 'op', id: call.operationId },
    h('summary', null, h('span', { class: `method ${method}` }, method.toUpperCase()), h('code', null, path), h('span', { class: 'op-summary' }, call.summary || '')),
    call.description !== call.summary && prose(call.description),
    h('p', { class: 'muted small' }, h('code', null, call.operationId), ' · ', needs(call.security), keys(call['x-key-scopes'])),
    parameters.length ? [h('h3', null, t('docs.parameters')), h('ul', { class: 'members' }, parameters.map((p) => parameter(p)))] : null,
    body && [h('h3', null, t('docs.body')), Object.entries(body).map(([type, { schema }]) => [h('p', { class: 'muted small' }, type), schemaView(schema)])],
    h('h3', null, t('docs.answers')),
    h('ul', { class: 'members' }, Object.entries(call.responses || {}).map(([status, answer]) => response(status, answer, api))),
    attempt);
}

/** What a key needs one of. */
const keys = (scopes) => (scopes?.length ? [' · ', t('docs.keys', { scopes: scopes.join(', ') })] : null);

/** Whether an account is needed, may be used, or is of no use. */
function needs(security = []) {
  if (!security.length) return t('docs.open');
  return t(security.some((either) => !Object.keys(either).length) ? 'docs.optional' : 'docs.account');
}

function parameter({ name, in: where, required, description, schema }) {
  return h('li', null, h('code', null, name), ' ', h('span', { class: 'tag' }, where), required && h('span', { class: 'tag' }, t('docs.required')), ' ', h('span', { class: 'muted' }, schemaName(schema)), description && h('div', { class: 'small' }, description));
}

function response(status, answer, api) {
  const shared = answer.$ref && api.components.responses[answer.$ref.split('/').pop()];
  const { description, content } = shared || answer;
  const schemas = shared ? [] : Object.values(content || {}).map((c) => c.schema).filter(Boolean);
  return h('li', null, h('code', { class: Number(status) < 400 ? 'status ok' : 'status' }, status), ' ', prose(description, 'span'), schemas.map((schema) => schemaView(schema)));
}
