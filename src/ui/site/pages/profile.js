// Somebody's page: who it is, what they say of themselves, what they stream and when.
import { h, fill } from '../core/dom.js';
import { get, piece, query } from '../core/api.js';
import { date, explain, t, zoneName } from '../core/i18n.js';
import { coming, over } from '../core/programme.js';
import { tint } from '../core/random.js';
import { arrive, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { calendarLink, show as showAgenda } from '../components/agenda.js';
import { avatar, banner } from '../components/cover.js';
import { createStream } from '../components/create.js';
import { followButton } from '../components/follow.js';
import { empty, nameOf } from '../components/live.js';
import { Shelf, onward } from '../components/shelf.js';

const REFRESH_MS = 15_000;

export function open(place, [name]) {
  return arrive(place, () => get(`/channels/${piece(name)}`), (channel) => draw(place, channel), (error) => {
    title(t('user.missing'));
    fill(place.main, empty('user', error.status === 404 ? t('user.missing') : explain(error), null, h('a', { class: 'button primary', href: '/' }, t('home'))));
  });
}

function draw(place, { user, bio, links, followers }) {
  title(user.display_name);
  const actions = h('div', { class: 'profile-actions row' });
  const follow = followButton(user, place.life);
  const mine = () => me()?.id === user.id;
  const { element, refresh } = programme(user, mine);
  fill(place.main,
    h('div', { class: `profile-banner tint-${tint(user.id)}` }, banner(user)),
    h('div', { class: 'profile' },
      h('div', { class: 'profile-head' }, avatar(user, 104),
        h('div', { class: 'profile-words' }, h('h1', null, nameOf(user)), h('p', { class: 'muted' }, '@', h('bdi', null, user.username), ' · ', t('joined', { time: date(user.created_at) }), ' · ', t('followers', { n: followers }))), actions),
      about(bio, links), element));
  place.life.seen(REFRESH_MS, () => refresh().catch(() => {}));
  const drawActions = () => fill(actions, mine() ? createButton() : follow);
  place.life.add(onSession(drawActions));
  drawActions();
  return refresh();
}

/** What they stream: live now, or next; the schedule; what is over. */
function programme(user, mine) {
  const live = new Shelf(t('live.now'));
  const next = new Shelf(t('up.next'));
  const past = new Shelf(t('past'));
  const plan = h('ol', { class: 'agenda' });
  const aside = h('div', { class: 'shelf-aside' });
  const calendar = calendarLink(user.username);
  const schedule = h('section', { class: 'shelf', 'aria-labelledby': 'schedule', hidden: true },
    h('div', { class: 'shelf-head' }, h('h2', { id: 'schedule' }, t('schedule')), aside),
    h('p', { class: 'hint' }, t('schedule.zone', { zone: zoneName() })), plan);
  const none = h('div', { hidden: true });
  const list = async (params) => (await get(query('/streams', { host: user.username, ...params }))).items;
  let gone = []; // what is over, which waits for what stands above it
  const ended = onward({ host: user.username, status: 'ended' }, (items) => {
    gone = over(items);
    if (past.filled) past.show(gone);
  });
  for (const shelf of [live, next]) shelf.feature(true);
  const refresh = async () => {
    const [on, timed, newest] = await Promise.all([list({ status: 'live' }), list({ status: 'scheduled', sort: 'starts', limit: 100 }), list({ status: 'scheduled', limit: 100 }), ended.refresh()]);
    const announced = coming([...timed, ...newest]);
    live.show(on);
    next.show(on.length ? [] : announced.slice(0, 1));
    past.show(gone);
    past.feature(past.size === 1 && on.length + announced.length === 0);
    // What stands there big needs no list of its own.
    schedule.hidden = announced.length <= next.size;
    showAgenda(plan, announced);
    calendar.hidden = !announced.some((s) => s.scheduled_for);
    const beside = schedule.hidden ? next.aside : aside;
    if (calendar.parentElement !== beside) beside.append(calendar);
    none.hidden = on.length + announced.length + past.size > 0;
    if (!none.hidden && !none.firstChild) none.append(empty('video', t('user.quiet'), mine() ? t('nothing.text') : null, mine() && createButton()));
  };
  return { refresh, element: [live.element, next.element, schedule, past.element, none, ended.element] };
}

function about(bio, links) {
  const link = ({ label, url }) => h('li', null, h('a', { class: 'chip', href: url, target: '_blank', rel: 'nofollow ugc noopener noreferrer' }, h('bdi', null, label)));
  return [
    bio && h('p', { class: 'profile-bio', dir: 'auto' }, bio),
    links.length > 0 && h('ul', { class: 'row', 'aria-label': t('elsewhere') }, links.map(link)),
  ];
}

const createButton = () => h('button', { class: 'button primary', onclick: () => createStream() }, t('create'));
