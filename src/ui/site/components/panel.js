// The pieces that the studio's sections and the account are made of: boxes, and lists that go on.
import { h, fill } from '../core/dom.js';
import { Pages } from '../core/api.js';
import { explain, t } from '../core/i18n.js';

/** A titled box. */
export function panel(heading, hint, ...content) {
  return h('section', { class: 'panel' }, h('h2', null, heading), hint && h('p', { class: 'muted' }, hint), content);
}

/** Fills `box` with what `load` answers, drawn by `draw`; says so while waiting and when it fails. */
export async function filled(box, load, draw) {
  const one = box.tagName === 'UL' ? 'li' : 'p';
  if (!box.firstChild) fill(box, h(one, { class: 'muted' }, t('loading')));
  try {
    fill(box, draw(await load()));
  } catch (error) {
    if (!error.code) throw error;
    fill(box, h(one, { class: 'problem' }, explain(error)));
  }
}

/** A list in `box` that goes on with a button; `draw(items)` makes its rows. Gives the way to load it anew. */
export function paged(box, path, draw, params = {}) {
  const load = () => {
    const pages = new Pages(path, params);
    const show = () => filled(box, () => pages.more(), (items) => [draw(items), pages.done || more()]);
    const more = () => h(box.tagName === 'UL' ? 'li' : 'div', { class: 'row center' }, h('button', { class: 'button quiet small', onclick: show }, t('more')));
    return show();
  };
  load();
  return load;
}

/** A line of a list: what it is, more about it, what can be done. */
export function line(sign, words, ...actions) {
  return h('li', { class: 'line' }, sign, h('div', { class: 'line-words' }, words), actions);
}
