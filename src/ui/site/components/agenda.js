// What a host has announced, day by day, as the clock of the reader says it.
import { fill, h, said } from '../core/dom.js';
import { ago, clock, dayName, t } from '../core/i18n.js';
import { days } from '../core/programme.js';

/** The list of what is to come, in its order; the first that has a time is the next. */
function agenda(streams) {
  const next = streams.find((s) => s.scheduled_for);
  return days(streams).map(({ day, streams: those }) => h('li', { class: 'agenda-day' },
    h('h3', null, day ? dayName(those[0].scheduled_for) : t('not.yet')),
    h('ul', null, those.map((stream) => line(stream, stream === next)))));
}

function line(stream, isNext) {
  const time = stream.scheduled_for;
  return h('li', { class: isNext ? 'agenda-line next' : 'agenda-line' },
    time ? h('time', { class: 'agenda-time', datetime: time }, clock(time)) : h('span', { class: 'agenda-time', 'aria-hidden': 'true' }, '–'),
    h('div', { class: 'agenda-words' },
      h('a', { class: 'agenda-link', href: `/s/${stream.id}` }, said(stream.title)),
      soon(time)),
    isNext && h('span', { class: 'badge next' }, t('up.next')));
}

/** How far away it is, where that says more than its day does. */
function soon(time) {
  const ms = time ? new Date(time) - Date.now() : Infinity;
  return ms < 864e5 && h('p', { class: 'muted' }, ms > 0 ? ago(time) : t('soon'));
}

/** The way to have them in one's own calendar. */
export const calendarLink = (username) => h('a', { class: 'button quiet small', href: `/@${encodeURIComponent(username)}/calendar.ics`, download: 'calendar.ics' }, t('calendar'));

/** Draws it into `list` where it is another than before, so that what has the focus keeps it. */
export function show(list, streams) {
  const seen = JSON.stringify([streams.map((s) => [s.id, s.title, s.scheduled_for]), Math.floor(Date.now() / 60_000)]);
  if (list.dataset.shown === seen) return;
  list.dataset.shown = seen;
  fill(list, agenda(streams));
}
