// The bar at the top: where one is, search, and one's account.
import { siteLogo, siteName } from '../core/brand.js';
import { h, fill } from '../core/dom.js';
import { language, speak, t } from '../core/i18n.js';
import { setTheme, shownTheme } from '../core/prefs.js';
import { go, mayLeave } from '../core/router.js';
import * as session from '../core/session.js';
import { icon, mark } from './icons.js';
import { avatar } from './cover.js';
import { createStream } from './create.js';
import { askLogin } from './login.js';
import { nameOf } from './live.js';
import { part } from './load.js';
import { menu } from './overlay.js';

/** Draws it; `again` draws the whole page anew. */
export function header(top, again) {
  const user = session.me();
  fill(top,
    h('a', { class: 'brand', href: '/', 'aria-label': `${siteName()}, ${t('home')}` }, sign(), h('span', { class: 'brand-name' }, h('bdi', null, siteName()))),
    search(),
    h('nav', { class: 'top-actions', 'aria-label': t('account') },
      languageButton(again),
      themeButton(),
      user ? [create(), account(user)] : entrance()));
}

/** The site's own logo, or the mark of the house. */
function sign() {
  const logo = siteLogo();
  return logo ? h('img', { class: 'logo', src: logo, alt: '', width: 28, height: 28 }) : mark();
}

function search() {
  const box = h('input', { class: 'input', type: 'search', name: 'q', placeholder: t('search'), 'aria-label': t('search'), maxlength: 100 });
  box.value = new URLSearchParams(location.search).get('q') || '';
  const submit = (event) => {
    event.preventDefault();
    go(box.value.trim() ? `/?q=${encodeURIComponent(box.value.trim())}` : '/');
  };
  return h('form', { class: 'search', role: 'search', onsubmit: submit }, icon('search', 18), box);
}

function languageButton(again) {
  const other = language() === 'en' ? ['zh-CN', '中文'] : ['en', 'English'];
  const turn = () => part(async () => {
    if (!(await mayLeave())) return;
    await speak(other[0]);
    again();
  });
  return h('button', { class: 'text-button', lang: other[0], onclick: turn }, icon('globe', 18), h('span', { class: 'wide-only' }, other[1]), h('span', { class: 'sr narrow-only' }, other[1]));
}

function themeButton() {
  const button = h('button', { class: 'icon-button' });
  const draw = () => {
    const dark = shownTheme() === 'dark';
    button.setAttribute('aria-label', t(dark ? 'theme.light' : 'theme.dark'));
    fill(button, icon(dark ? 'sun' : 'moon'));
  };
  button.addEventListener('click', () => {
    setTheme(shownTheme() === 'dark' ? 'light' : 'dark');
    draw();
  });
  draw();
  return button;
}

function create() {
  return h('button', { class: 'button primary small', onclick: () => createStream() }, icon('video', 18), h('span', { class: 'wide-only' }, t('create')), h('span', { class: 'sr narrow-only' }, t('create')));
}

function entrance() {
  return [
    h('button', { class: 'button quiet small', onclick: () => askLogin('login') }, t('login')),
    h('button', { class: 'button primary small wide-only', onclick: () => askLogin('register') }, t('register')),
  ];
}

function account(user) {
  const open = (event) => {
    const head = h('div', { class: 'menu-head' }, avatar(user, 40), h('div', null, nameOf(user, 'strong'), h('div', { class: 'muted' }, '@', user.username)));
    menu(event.currentTarget, [
      { label: t('my.page'), icon: 'user', run: () => go(`/u/${encodeURIComponent(user.username)}`) },
      { label: t('account'), icon: 'gear', run: () => go('/account') },
      { label: t('api'), icon: 'list', run: () => go('/docs') },
      null,
      { label: t('logout'), icon: 'lock', run: async () => (await mayLeave()) && session.logout() },
    ], { label: t('account'), head });
  };
  return h('button', { class: 'avatar-button', 'aria-label': t('account.of', { name: user.display_name }), 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: open }, avatar(user, 36));
}
