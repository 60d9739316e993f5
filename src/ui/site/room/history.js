// Reads back: earlier comments with search, and the stretch that was left out for this viewer.
import { h, fill, append } from '../core/dom.js';
import { get, query } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { dated, opened } from './past.js';

/** The dialog with everything that was said, newest first, found by words. */
export function history(state) {
  const results = h('div', { class: 'history', tabindex: '0', role: 'group', 'aria-label': t('history') });
  const box = h('input', { class: 'input', type: 'search', placeholder: t('search.comments'), 'aria-label': t('search.comments'), autofocus: true });
  let turn = 0;
  const load = async (cursor) => {
    const mine = cursor ? turn : ++turn;
    if (!cursor) results.replaceChildren();
    results.querySelector('.load')?.remove();
    try {
      const page = await get(query(state.path('/comments'), { q: box.value.trim(), limit: 50, cursor }));
      if (mine !== turn) return;
      append(results, [page.items.map(dated)]);
      if (!results.children.length) append(results, [h('p', { class: 'muted center' }, t('history.none'))]);
      if (page.next_cursor) append(results, [h('button', { class: 'button quiet load', onclick: () => load(page.next_cursor) }, t('more'))]);
    } catch (error) {
      fill(results, h('p', { class: 'problem' }, explain(error)));
    }
  };
  let typing;
  box.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(load, 250);
  });
  load();
  return opened(state, t('history'), results, () => [box, results]);
}

/** The dialog with what `lagged` left out. */
export function missed(state, ranges) {
  const results = h('div', { class: 'history', tabindex: '0', role: 'group', 'aria-label': t('missed') }, h('p', { class: 'muted' }, t('loading')));
  read(state.path('/events'), ranges).then(
    (comments) => fill(results, comments.length ? comments.map(dated) : h('p', { class: 'muted' }, t('history.none'))),
    (error) => fill(results, h('p', { class: 'problem' }, explain(error))));
  return opened(state, t('missed'), results, () => results);
}

async function read(path, ranges) {
  const comments = [];
  for (const { from, to } of ranges) {
    let after = from - 1;
    while (after < to && comments.length < 2000) {
      const { items } = await get(query(path, { after, limit: 100 }));
      if (!items.length) break;
      after = items.at(-1).seq;
      comments.push(...items.filter((e) => e.type === 'comment.created' && e.seq <= to).map((e) => e.comment));
    }
  }
  return comments;
}
