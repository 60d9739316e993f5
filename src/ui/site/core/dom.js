// Builds the document from elements and text, never from markup: what a user wrote can only ever be text.
import { safeHref } from './links.js';

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'muted', 'readOnly']);

/** An element: `h('a', {href: '/', class: 'x', onclick: fn, style: {width: '3px'}}, 'text', node, [more])`. A button
 * sends no form unless its `type` says so. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  if (tag === 'button') element.type = 'button';
  if (props) assign(element, props);
  append(element, children);
  return element;
}

function assign(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on') && typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else if (name === 'style') for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (PROPERTIES.has(name)) element[name] = value;
    else if (name === 'href') element.setAttribute('href', safeHref(value));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Appends strings as text, nodes as they are, arrays flattened; skips null, undefined, true and false. */
export function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === true) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
  return parent;
}

/** Replaces what is inside. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** Replaces what is inside where `key`, what it is made of, is another than last time: a button must not go away under a finger. */
export function refill(parent, key, make) {
  const text = JSON.stringify(key);
  if (parent.dataset.drawn === text) return;
  parent.dataset.drawn = text;
  fill(parent, make());
}

/** An SVG element. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, String(value));
  }
  return append(element, children);
}

/** Text of a user's, isolated so that its direction stays its own. */
export function said(text, className) {
  return h('bdi', { class: className, dir: 'auto' }, text);
}

/** Registers clean-up of one view: `const life = lifetime(); life.add(fn); life.end()`. */
export function lifetime() {
  const ends = [];
  return {
    add: (end) => (ends.push(end), end),
    listen(target, type, listener, options) {
      target.addEventListener(type, listener, options);
      ends.push(() => target.removeEventListener(type, listener, options));
    },
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      ends.push(() => clearInterval(timer));
    },
    /** As long as the page is seen. */
    seen(ms, tick) {
      this.every(ms, () => document.visibilityState === 'visible' && tick());
    },
    end() {
      for (const end of ends.splice(0).reverse()) end();
    },
  };
}
