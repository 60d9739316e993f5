// What of a list of streams comes when: the order of what is next, of what is over, and the days of a schedule.

/** How long somebody may be late, in ms, before a stream that was announced counts as forgotten; the server says the same of a channel. */
const LATE_MS = 12 * 3600e3;

/** What is to come, by its time, then what has none yet, the newest first; each once, without what was forgotten. */
export function coming(streams, now = Date.now()) {
  const each = [...new Map(streams.filter((s) => s.status === 'scheduled').map((s) => [s.id, s])).values()];
  const timed = each.filter((s) => s.scheduled_for && new Date(s.scheduled_for) > now - LATE_MS);
  const open = each.filter((s) => !s.scheduled_for);
  return [...timed.sort(by('scheduled_for', 1)), ...open.sort(by('created_at', -1))];
}

/** What is over, the latest end first. */
export const over = (streams) => streams.filter((s) => s.status === 'ended').sort(by('ended_at', -1));

/** The days on which streams start as `zone` counts them, `[{day: '2026-05-01', streams}]`; null is the day of those without a time. */
export function days(streams, zone) {
  const found = new Map();
  for (const stream of streams) {
    const day = stream.scheduled_for ? dayOf(stream.scheduled_for, zone) : null;
    if (!found.has(day)) found.set(day, { day, streams: [] });
    found.get(day).streams.push(stream);
  }
  return [...found.values()];
}

/** The day of a moment as `zone` counts it, as `2026-05-01`; without a zone that of the reader. */
function dayOf(moment, zone) {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, calendar: 'gregory', year: 'numeric', month: '2-digit', day: '2-digit' });
  const { year, month, day } = Object.fromEntries(format.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day}`;
}

/** Whom one follows, who is live first, with the stream that is most watched: `[{user, live}]`. */
export function followed(people, streams) {
  const live = new Map();
  for (const stream of streams.filter((s) => s.status === 'live').sort(by('viewers', 1))) live.set(stream.host.username, stream);
  const row = people.map((user) => ({ user, live: live.get(user.username) ?? null }));
  return [...row.filter((one) => one.live), ...row.filter((one) => !one.live)];
}

/** Compares times of one form and numbers alike. */
function by(name, direction) {
  return (a, b) => (a[name] < b[name] ? -direction : a[name] > b[name] ? direction : 0);
}
