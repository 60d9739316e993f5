// What people wrote, as text in which links lead somewhere, and who is named stands out.
import { h, append } from '../core/dom.js';
import { findLinks } from '../core/find-links.js';

const REL = 'nofollow ugc noopener';

/** Text of a user's, isolated as `said` does, with its links, which open beside the page; `named` are the places of names in
 * it: `[{from, to, me}]`. */
export function words(text, className, named = []) {
  return append(h('bdi', { class: className, dir: 'auto' }), [linked(text, named)]);
}

/** The pieces of a text: strings, links, and names. */
export function linked(text, named = []) {
  const links = findLinks(text);
  const apart = named.filter(({ from, to }) => links.every((link) => to <= link.from || from >= link.to));
  const marked = [...links, ...apart].sort((a, b) => a.from - b.from);
  let at = 0;
  const pieces = marked.flatMap((mark) => {
    const before = text.slice(at, mark.from);
    at = mark.to;
    return [before, piece(mark, text.slice(mark.from, mark.to))];
  });
  return [...pieces, text.slice(at)];
}

function piece({ href, me }, text) {
  if (href) return h('a', { class: 'outward', href, rel: REL, target: '_blank' }, text);
  return h('span', { class: me ? 'named me' : 'named' }, text);
}
