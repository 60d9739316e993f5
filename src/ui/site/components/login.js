// The dialog to log in or register. Who may register, and with what, the site says.
import { siteName } from '../core/brand.js';
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import * as session from '../core/session.js';
import { rulesOfSite } from '../core/visitor.js';
import { field, form, input } from './form.js';
import { dialog } from './overlay.js';

/** Opens it, with the code of an invitation where there is one; resolves true once somebody is logged in. */
export async function askLogin(mode = 'login', invitation = '') {
  if (session.me()) return true;
  const box = h('div');
  const done = await dialog(siteName(), (close) => {
    draw(box, mode, close, invitation);
    return box;
  }, { className: 'narrow login' });
  return Boolean(done);
}

function draw(box, mode, close, invitation) {
  const isNew = mode === 'register';
  const tab = (name) => h('button', {
    class: 'tab', 'aria-pressed': String(mode === name), onclick: () => draw(box, name, close, invitation),
  }, t(name));
  const username = input('username', { autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', autofocus: true, maxlength: 64 });
  const password = input('password', { type: 'password', autocomplete: isNew ? 'new-password' : 'current-password' });
  const display = input('display_name', { autocomplete: 'nickname' });
  const code = input('invitation', { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', value: invitation });
  const invited = field(t('invitation.code'), code, t('invitation.hint'));
  invited.hidden = !invitation;
  const rules = h('p', { class: 'muted lead' });
  const fields = [
    field(t('username'), username, isNew && t('username.hint')),
    isNew && field(t('display_name'), display, t('display_name.hint')),
    field(t('password'), password, isNew && t('password.hint')),
    isNew && invited,
  ];
  if (isNew) ask(invited, rules);
  const send = async (values) => {
    if (isNew) {
      const waits = await session.register(values.username, values.password, values.display_name.trim(), values.invitation.trim());
      if (waits) return fill(box, h('p', { role: 'status' }, t('register.waits')), h('div', { class: 'row end' }, h('button', { class: 'button primary', onclick: () => close() }, t('close'))));
    } else await session.login(values.username, values.password);
    close(true);
  };
  fill(box,
    h('div', { class: 'tabs even', role: 'group' }, tab('login'), tab('register')),
    h('p', { class: 'muted lead' }, t(isNew ? 'register.lead' : 'login.lead')), isNew && rules,
    form(fields, t(mode), send, { quiet: true, wide: true }));
  username.focus();
}

/** What it takes to register, and what is asked of whoever does, as the site says. */
async function ask(invited, rules) {
  const site = await rulesOfSite();
  if (site.registration === 'invite') invited.hidden = false;
  const waits = site.registration === 'approval' && t('register.approval');
  fill(rules, [waits, site.rules].filter(Boolean).join(' '));
}
