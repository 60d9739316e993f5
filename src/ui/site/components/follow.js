// The button to follow somebody, and to follow them no longer.
import { all, del, piece, put } from '../core/api.js';
import { fill, h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { me, onSession } from '../core/session.js';
import { icon } from './icons.js';
import { askLogin } from './login.js';
import { tried } from './overlay.js';

/** It asks anew whenever somebody logs in or out, and is hidden from oneself. */
export function followButton(user, life) {
  const path = `/users/${piece(user.username)}/follow`;
  const button = h('button', { onclick: () => turn() });
  let follows = false;
  const draw = () => {
    button.hidden = me()?.id === user.id;
    button.className = follows ? 'button quiet' : 'button primary';
    button.setAttribute('aria-pressed', String(follows));
    fill(button, icon('heart', 18), t(follows ? 'unfollow' : 'follow'));
  };
  const look = async () => {
    // Where it is not known the button offers to follow, which is harmless when repeated.
    const followed = me() ? await all('/users/me/following').catch(() => []) : [];
    follows = followed.some(({ username }) => username === user.username);
    draw();
  };
  const turn = async () => {
    if (!(await askLogin())) return;
    if (!(await tried(() => (follows ? del(path) : put(path))))) return;
    follows = !follows;
    draw();
  };
  life.add(onSession(look));
  draw();
  look();
  return button;
}
