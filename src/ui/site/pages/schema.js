// A JSON schema as a list of members.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';

/** A short name of a type: `string (uuid)`, `Comment[]`, `a | b`. */
export function schemaName(schema) {
  if (!schema || schema === true) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ');
  const either = schema.oneOf || schema.anyOf;
  if (either) return either.map(schemaName).filter(Boolean).join(' | ');
  if (schema.allOf) return schema.allOf.map(schemaName).filter(Boolean).join(' & ');
  const plain = [schema.type].flat().filter(Boolean).join(' | ') || 'object';
  if (plain.startsWith('array')) return `${schemaName(schema.items) || 'any'}[]`;
  return schema.format ? `${plain} (${schema.format})` : plain;
}

/** Its members, those that are required marked. A reference stays a link. */
export function schemaView(schema) {
  if (!schema || schema === true) return null;
  if (schema.$ref) return h('p', null, link(schema.$ref));
  const either = schema.oneOf || schema.anyOf;
  if (either) return h('ul', { class: 'members' }, either.map((s) => h('li', null, schemaView(s))));
  if (schema.allOf) return schema.allOf.map(schemaView);
  if (schema.type === 'array') return h('p', null, type(schema));
  const members = Object.entries(schema.properties || {});
  if (!members.length) return h('p', { class: 'muted' }, schemaName(schema), bounds(schema));
  const required = new Set(schema.required || []);
  return h('ul', { class: 'members' }, members.map(([name, member]) => h('li', null,
    h('code', null, name), ' ', type(member), required.has(name) && h('span', { class: 'tag' }, t('docs.required')), h('span', { class: 'muted' }, bounds(member)),
    member.description && h('div', { class: 'small' }, member.description))));
}

function type(schema) {
  const reference = schema.$ref || schema.items?.$ref;
  return reference ? link(reference, schema.items ? '[]' : '') : h('span', { class: 'muted' }, schemaName(schema));
}

function link(reference, after = '') {
  const name = reference.split('/').pop();
  return h('a', { class: 'link', href: `#schema-${name}` }, name + after);
}

function bounds(schema) {
  const all = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern', 'default'].filter((key) => schema[key] !== undefined);
  return all.length ? ` ${all.map((key) => `${key} ${schema[key]}`).join(', ')}` : '';
}
