// What was being written in each room, kept by this tab over a reload.

const KEY = 'livehouse.draft.';

/** Keeps it; nothing is kept of an empty one. */
export function keepDraft(room, text) {
  try {
    if (text) sessionStorage.setItem(KEY + room, text);
    else sessionStorage.removeItem(KEY + room);
  } catch {
    // A browser that keeps nothing still writes.
  }
}

/** What was kept, or nothing. */
export function draftOf(room) {
  try {
    return sessionStorage.getItem(KEY + room) || '';
  } catch {
    return '';
  }
}
