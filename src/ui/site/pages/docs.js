// The API as its own document tells it: every call with its parameters, bodies and answers.
import { h, fill } from '../core/dom.js';
import { get } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { empty } from '../core/live.js';
import { title } from '../core/router.js';
import { schemaView, schemaName } from './schema.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export async function open(place) {
  title(t('api'));
  try {
    const document = await get('/openapi.json');
    if (place.current()) draw(place.main, document);
  } catch (error) {
    fill(place.main, empty('warn', t('api'), explain(error)));
  }
}

function draw(main, api) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths || {})) {
    for (const method of METHODS.filter((m) => item[m])) {
      const tag = item[method].tags?.[0] || path.split('/').filter((p) => p && p !== 'api' && p !== 'v1')[0] || 'api';
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({ path, method, call: item[method], shared: item.parameters || [] });
    }
  }
  const schemas = Object.entries(api.components?.schemas || {});
  const nav = h('nav', { class: 'docs-nav', 'aria-label': t('api') }, [...groups.keys()].map((tag) => h('a', { href: `#${tag}` }, tag)), h('a', { href: '#schemas' }, t('docs.schemas')));
  const body = h('div', { class: 'docs-body' },
    h('header', null, h('h1', null, api.info?.title || 'API'), h('p', { class: 'muted' }, `OpenAPI ${api.openapi} · `, h('a', { class: 'link', href: '/api/v1/openapi.json', download: 'openapi.json' }, 'openapi.json')), prose(api.info?.description)),
    [...groups].map(([tag, calls]) => h('section', { id: tag }, h('h2', null, tag), calls.map((c) => operation(c, api)))),
    h('section', { id: 'schemas' }, h('h2', null, t('docs.schemas')), schemas.map(([name, schema]) => h('details', { class: 'op', id: `schema-${name}` }, h('summary', null, h('code', null, name)), prose(schema.description), schemaView(schema, api)))));
  fill(main, h('div', { class: 'docs' }, nav, body));
  openNamed();
  window.addEventListener('hashchange', openNamed);
}

/** A link to a folded part opens it. */
function openNamed() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === 'DETAILS') target.open = true;
  target.scrollIntoView();
}

/** What stands between backquotes is code, as its writers meant it. */
const prose = (text) => text && h('p', { class: 'prose' }, text.split('`').map((part, i) => (i % 2 ? h('code', null, part) : part)));

function operation({ path, method, call, shared }, api) {
  const parameters = [...shared, ...(call.parameters || [])];
  const body = call.requestBody?.content;
  return h('details', { class: 'op' },
    h('summary', null, h('span', { class: `method ${method}` }, method.toUpperCase()), h('code', null, path), h('span', { class: 'op-summary' }, call.summary || '')),
    prose(call.description),
    parameters.length ? [h('h3', null, t('docs.parameters')), h('ul', { class: 'members' }, parameters.map((p) => parameter(p)))] : null,
    body && [h('h3', null, t('docs.body')), Object.entries(body).map(([type, { schema }]) => [h('p', { class: 'muted small' }, type), schemaView(schema, api)])],
    h('h3', null, t('docs.answers')),
    h('ul', { class: 'members' }, Object.entries(call.responses || {}).map(([status, answer]) => response(status, answer, api))));
}

function parameter({ name, in: where, required, description, schema }) {
  return h('li', null, h('code', null, name), ' ', h('span', { class: 'tag' }, where), required && h('span', { class: 'tag' }, t('docs.required')), ' ', h('span', { class: 'muted' }, schemaName(schema)), description && h('div', { class: 'small' }, description));
}

function response(status, { description, content }, api) {
  const schemas = Object.values(content || {}).map((c) => c.schema).filter(Boolean);
  return h('li', null, h('code', { class: Number(status) < 400 ? 'status ok' : 'status' }, status), ' ', description, schemas.map((schema) => schemaView(schema, api)));
}
