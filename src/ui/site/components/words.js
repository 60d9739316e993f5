// What people wrote, as text in which links lead somewhere.
import { h, append } from '../core/dom.js';
import { findLinks } from '../core/find-links.js';

const REL = 'nofollow ugc noopener';

/** Text of a user's, isolated as `said` does, with its links, which open beside the page. */
export function words(text, className) {
  return append(h('bdi', { class: className, dir: 'auto' }), [linked(text)]);
}

/** The pieces of a text: strings, and links. */
export function linked(text) {
  let at = 0;
  const pieces = findLinks(text).flatMap(({ from, to, href }) => {
    const before = text.slice(at, from);
    at = to;
    return [before, h('a', { class: 'outward', href, rel: REL, target: '_blank' }, text.slice(from, to))];
  });
  return [...pieces, text.slice(at)];
}
