// The first administrator of a site, who comes by the address that its log shows.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { setUp } from '../core/session.js';
import { field, form, input } from '../components/form.js';
import { empty } from '../components/live.js';
import { panel } from '../components/panel.js';

/** Kept here alone: who looks over a shoulder, and the history of the browser, do not get it. */
let token = null;

export function open(place) {
  title(t('setup'));
  token = new URLSearchParams(location.search).get('token') ?? token;
  history.replaceState(history.state, '', '/setup');
  if (!token) return fill(place.main, empty('user', t('setup'), t('setup.lost')));
  const username = input('username', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 });
  const password = input('password', { type: 'password', autocomplete: 'new-password' });
  const fields = [field(t('username'), username, t('username.hint')), field(t('password'), password, t('password.hint'))];
  const send = async (values) => {
    await setUp(token, values.username, values.password);
    token = null;
    go('/', { replace: true });
  };
  fill(place.main, h('div', { class: 'settings-page' },
    h('header', { class: 'settings-head' }, h('h1', null, t('setup'))),
    panel(t('setup.who'), t('setup.lead'), form(fields, t('setup.do'), send, { quiet: true }))));
  username.focus();
}
