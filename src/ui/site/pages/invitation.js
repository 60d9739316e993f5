// Whoever comes with an invitation signs up with it.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { go, title } from '../core/router.js';
import { me } from '../core/session.js';
import { empty } from '../components/live.js';
import { askLogin } from '../components/login.js';

/** Kept here alone: the history of the browser does not get it. */
let code = null;

export function open(place) {
  title(t('invitation'));
  code = new URLSearchParams(location.hash.slice(1)).get('code') ?? code;
  history.replaceState(history.state, '', '/invitation');
  if (me()) return fill(place.main, empty('user', t('invitation'), t('invitation.in')));
  const enter = async () => (await askLogin('register', code)) && go('/', { replace: true });
  fill(place.main, empty('user', t('invitation'), t('invitation.lead'), h('button', { class: 'button primary', name: 'enter', onclick: enter }, t('register'))));
  enter();
}
