// Reads back: earlier comments with search, and the stretch that was left out for this viewer.
import { h, fill, append } from '../core/dom.js';
import { get, query } from '../core/api.js';
import { explain, t, when } from '../core/i18n.js';
import { dialog } from '../components/overlay.js';
import { commentRow } from './row.js';

/** The dialog with everything that was said, newest first, found by words. */
export function history(state) {
  const results = h('div', { class: 'history' });
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
  return open(state, t('history'), results, [box, results]);
}

/** The dialog with what `lagged` left out. */
export function missed(state, ranges) {
  const results = h('div', { class: 'history' }, h('p', { class: 'muted' }, t('loading')));
  read(state.path('/events'), ranges).then(
    (comments) => fill(results, comments.length ? comments.map(dated) : h('p', { class: 'muted' }, t('history.none'))),
    (error) => fill(results, h('p', { class: 'problem' }, explain(error))));
  return open(state, t('missed'), results, results);
}

const shown = new WeakMap(); // row -> comment

/** A dialog in which what is deleted meanwhile does not stay. */
async function open(state, heading, results, content) {
  const end = state.on('gone', (isGone) => {
    for (const row of results.querySelectorAll('.comment')) if (isGone(shown.get(row))) row.remove();
  });
  const done = await dialog(heading, () => content, { className: 'tall' });
  end();
  return done;
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

function dated(comment) {
  const row = commentRow(comment);
  row.querySelector('.stamp').textContent = when(comment.created_at);
  shown.set(row, comment);
  return row;
}
