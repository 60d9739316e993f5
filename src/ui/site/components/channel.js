// What the permanent address of a host shows; the server says the same of the page in its head.
import { call, piece } from '../core/api.js';

/** The stream at `/@{host}`, for everybody alike: the latest of those that are live, else the next one, else null. */
export async function shownAt(host) {
  const { live, next } = await call('GET', `/channels/${piece(host)}`, undefined, { anonymous: true });
  return live ?? next;
}
