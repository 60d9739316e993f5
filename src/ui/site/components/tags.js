// Tags: as they are written, a link to what has one, and which are worth a link.
import { h } from '../core/dom.js';

/** A link to all streams with a tag. */
export const tagLink = (tag, className = 'tag') => h('a', { class: className, href: `/?tag=${encodeURIComponent(tag)}` }, h('bdi', null, tag));

/** Those in a text, with commas of any script between them. */
export const tagsIn = (text) => text.split(/[,，、]/).map((tag) => tag.trim().replace(/^#/, '')).filter(Boolean);

/** The `n` that stand most often in a list; of equal ones, the first by the alphabet. */
export function mostUsed(tags, n) {
  const weight = new Map();
  for (const tag of tags) weight.set(tag, (weight.get(tag) || 0) + 1);
  return [...weight].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, n).map(([tag]) => tag);
}
