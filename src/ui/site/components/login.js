// The dialog to log in or register.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import * as session from '../core/session.js';
import { field, form, input } from './form.js';
import { dialog } from './overlay.js';

/** Opens it; resolves true once somebody is logged in. */
export async function askLogin(mode = 'login') {
  if (session.me()) return true;
  const box = h('div');
  const done = await dialog('Livehouse', (close) => {
    draw(box, mode, close);
    return box;
  }, { className: 'narrow login' });
  return Boolean(done);
}

function draw(box, mode, close) {
  const isNew = mode === 'register';
  const tab = (name) => h('button', {
    class: 'tab', 'aria-pressed': String(mode === name), onclick: () => draw(box, name, close),
  }, t(name));
  const username = input('username', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', autofocus: true, maxlength: 64 });
  const password = input('password', { type: 'password', autocomplete: isNew ? 'new-password' : 'current-password' });
  const display = input('display_name', { autocomplete: 'nickname' });
  const fields = [
    field(t('username'), username, isNew && t('username.hint')),
    isNew && field(t('display_name'), display, t('display_name.hint')),
    field(t('password'), password, isNew && t('password.hint')),
  ];
  const send = async (values) => {
    if (isNew) await session.register(values.username, values.password, values.display_name.trim());
    else await session.login(values.username, values.password);
    close(true);
  };
  fill(box,
    h('div', { class: 'tabs even', role: 'group' }, tab('login'), tab('register')),
    h('p', { class: 'muted lead' }, t(isNew ? 'register.lead' : 'login.lead')),
    form(fields, t(mode), send, { quiet: true, wide: true }));
  username.focus();
}
