// What the permanent address of a host shows; the server says the same of the page in its head.
import { call, query } from '../core/api.js';

const LATE_MS = 12 * 36e5; // a stream may be so late and is still the next one

/** The stream at `/@{host}`, for everybody alike: the latest of those that are live, else the next one, else null. */
export async function shownAt(host, now = Date.now()) {
  const list = async (params) => (await call('GET', query('/streams', { host, limit: 100, ...params }), undefined, { anonymous: true })).items;
  const live = await list({ status: 'live' });
  if (live.length) return live.reduce((a, b) => (a.started_at >= b.started_at ? a : b));
  const dated = await list({ status: 'scheduled', sort: 'starts' });
  const next = dated.find((stream) => new Date(stream.scheduled_for) > now - LATE_MS);
  return next ?? (await list({ status: 'scheduled' })).find((stream) => !stream.scheduled_for) ?? null;
}
