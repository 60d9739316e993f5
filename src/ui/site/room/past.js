// A dialog with comments of before, from which goes what is deleted meanwhile.
import { when } from '../core/i18n.js';
import { dialog } from '../components/overlay.js';
import { commentRow } from './row.js';

const shown = new WeakMap(); // row -> comment

/** Opens it; `results` is where its comments stand. Ends when it was closed. */
export async function opened(state, heading, results, content, { className = 'tall' } = {}) {
  const end = state.on('gone', (isGone) => {
    for (const row of results.querySelectorAll('.comment')) if (isGone(shown.get(row))) row.remove();
  });
  const done = await dialog(heading, content, { className });
  end();
  return done;
}

/** The row of a comment, with its day. */
export function dated(comment) {
  const row = commentRow(comment);
  row.querySelector('.stamp').textContent = when(comment.created_at);
  shown.set(row, comment);
  return row;
}
