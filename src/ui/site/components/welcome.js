// What a page that has little to show tells its visitor to do: it depends on who they are, and on what the site lets people do.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { createStream } from './create.js';
import { icon } from './icons.js';
import { askLogin } from './login.js';

/** A whole page for a site where there is nothing yet. */
export function welcome(visitor) {
  const isOpen = visitor === 'newcomer' || visitor === 'host';
  return h('section', { class: 'welcome' },
    h('span', { class: 'empty-icon' }, icon('video', 30)),
    h('h2', null, t(isOpen ? 'begin' : 'begin.later')),
    h('p', { class: 'muted' }, t(`begin.${visitor}`)),
    isOpen && steps(visitor === 'host' ? 1 : 0),
    buttons(visitor));
}

/** A line below what little there is; null where there is nothing to do. */
export function invitation(visitor) {
  if (visitor === 'viewer') return null;
  const isOpen = visitor === 'newcomer' || visitor === 'host';
  return h('section', { class: 'invitation' },
    h('div', { class: 'grow' }, h('h2', null, t(isOpen ? 'invite' : 'invite.watch')), h('p', { class: 'muted' }, t(isOpen ? 'nothing.text' : `begin.${visitor}`))),
    buttons(visitor));
}

function steps(done) {
  const step = (name, at) => h('li', { class: at < done ? 'step done' : 'step', 'aria-current': at === done && 'step' },
    h('span', { class: 'step-sign', 'aria-hidden': 'true' }, at < done ? icon('check', 18) : at + 1),
    h('div', null, h('h3', null, t(`step.${name}`)), h('p', { class: 'muted' }, t(`step.${name}.text`))));
  return h('ol', { class: 'steps' }, ['account', 'stream', 'live'].map(step));
}

function buttons(visitor) {
  const login = () => h('button', { class: 'button quiet', onclick: () => askLogin('login') }, t('login'));
  const register = () => h('button', { class: 'button primary', onclick: () => askLogin('register') }, t('register'));
  const all = {
    newcomer: () => [h('button', { class: 'button primary', onclick: () => createStream('register') }, t('begin.do')), login()],
    fan: () => [register(), login()],
    stranger: () => [login()],
    host: () => [h('button', { class: 'button primary', onclick: () => createStream() }, t('create'))],
    viewer: () => [],
  };
  const shown = all[visitor]();
  return shown.length > 0 && h('div', { class: 'row' }, shown);
}
