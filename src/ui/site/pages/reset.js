// A new password, by a link that an administrator has made.
import { h, fill } from '../core/dom.js';
import { call } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { field, form, input } from '../components/form.js';
import { empty } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { toast } from '../components/overlay.js';
import { panel } from '../components/panel.js';

/** Kept here alone: the history of the browser does not get it. */
let token = null;

export function open(place) {
  title(t('reset'));
  token = new URLSearchParams(location.hash.slice(1)).get('token') ?? token;
  history.replaceState(history.state, '', '/reset');
  if (!token) return lost(place);
  const password = input('new_password', { type: 'password', autocomplete: 'new-password' });
  const send = async (values) => {
    try {
      await call('POST', '/password-resets', { token, ...values }, { anonymous: true });
    } catch (error) {
      if (error.status !== 404) throw error;
      token = null;
      return lost(place);
    }
    token = null;
    toast(t('reset.done'), { kind: 'good' });
    await go('/', { replace: true });
    askLogin();
  };
  fill(place.main, h('div', { class: 'settings-page' },
    h('header', { class: 'settings-head' }, h('h1', null, t('reset'))),
    panel(t('reset'), t('reset.lead'), form([field(t('password.new'), password, t('password.hint'))], t('reset.do'), send, { quiet: true }))));
  password.focus();
}

function lost(place) {
  fill(place.main, empty('lock', t('reset'), t('reset.lost')));
}
