// The administrators' page: people, streams, reports, bans, invitations, settings, the record and graphs, each behind a tab.
import { fill, h, lifetime } from '../core/dom.js';
import { get } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { arrive, redraw, title } from '../core/router.js';
import { me, onSession } from '../core/session.js';
import { icon } from '../components/icons.js';
import { empty, skeleton } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { bans } from './bans.js';
import { graphs } from './graphs.js';
import { invitations } from './invitations.js';
import { people } from './people.js';
import { record } from './record.js';
import { reports } from './reports.js';
import { settings } from './settings.js';
import { streams } from './streams.js';
import { hooks } from './webhooks.js';

const SECTIONS = {
  people: ['people', people],
  streams: ['video', streams],
  reports: ['hand', reports],
  bans: ['ban', bans],
  invitations: ['link', invitations],
  settings: ['gear', settings],
  webhooks: ['globe', hooks],
  audit: ['list', record],
  graphs: ['chart', graphs],
};

export function open(place) {
  title(t('admin'));
  let shown = me()?.id;
  place.life.add(onSession(() => {
    if (me()?.id !== shown) redraw({ fresh: true });
    shown = me()?.id;
  }));
  if (!me()) return refuse(place, t('admin.login'), h('button', { class: 'button primary', onclick: () => askLogin() }, t('login')));
  place.main.append(skeleton('studio-skeleton'));
  return arrive(place, () => get('/admin/settings'), () => enter(place), (error) => refuse(place, error.status === 403 ? t('admin.forbidden') : explain(error)));
}

function refuse(place, text, ...actions) {
  fill(place.main, empty('lock', t('admin'), text, ...actions));
}

function enter({ main, life }) {
  const nav = h('nav', { class: 'studio-nav', 'aria-label': t('admin') });
  const body = h('div', { class: 'studio-body' });
  fill(main, h('div', { class: 'admin-page' }, h('header', { class: 'settings-head' }, h('h1', null, t('admin'))), nav, body));
  let section = null;
  const show = () => {
    const asked = location.hash.slice(1);
    const name = Object.hasOwn(SECTIONS, asked) ? asked : 'people';
    fill(nav, Object.entries(SECTIONS).map(([each, [sign]]) => h('a', { class: 'tab', href: `#${each}`, 'aria-current': each === name ? 'page' : null }, icon(sign, 18), t(`admin.${each}`))));
    section?.end();
    section = lifetime();
    fill(body, SECTIONS[name][1](section));
  };
  life.listen(window, 'hashchange', show);
  life.add(() => section.end());
  show();
}
