// The few marks that the document's descriptions use: paragraphs, lists, code between backquotes. And tables.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';

/** A text in paragraphs and lists; with `'span'`, as a part of a line. */
export function prose(text, tag = 'p') {
  if (!text) return null;
  if (tag !== 'p') return h(tag, { class: 'prose' }, code(text));
  return text.trim().split(/\n{2,}/).map((block) => list(block, /^\d+\. /, 'ol') || list(block, /^- /, 'ul') || h('p', { class: 'prose' }, code(block)));
}

function list(block, mark, tag) {
  const lines = block.split('\n');
  if (!lines.every((line) => mark.test(line))) return null;
  return h(tag, { class: 'prose-list' }, lines.map((line) => h('li', null, code(line.replace(mark, '')))));
}

const code = (text) => text.split('`').map((part, i) => (i % 2 ? h('code', null, part) : part));

/** Rows of one kind; `names` are the columns, those of `codes` are code. */
export function table(rows = [], names, codes) {
  const head = h('thead', null, h('tr', null, names.map((name) => h('th', { scope: 'col' }, t(`docs.${name}`)))));
  const cell = (row, name) => h('td', null, codes.includes(name) ? h('code', null, String(row[name])) : prose(String(row[name]), 'span'));
  return h('div', { class: 'table-box', tabindex: 0 }, h('table', { class: 'table' }, head, h('tbody', null, rows.map((row) => h('tr', null, names.map((name) => cell(row, name)))))));
}
