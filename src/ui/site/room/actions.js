// What the reader may do with a comment: a small bar on the one pointed at, a menu by keyboard, touch or right click.
import { h } from '../core/dom.js';
import { piece, post, put } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go } from '../core/router.js';
import { me } from '../core/session.js';
import { icon } from '../components/icons.js';
import { askLogin } from '../components/login.js';
import { confirm, copy, menu, toast, tried } from '../components/overlay.js';

const STAFF = new Set(['host', 'moderator', 'admin']);

export function commentActions(list, state, composer) {
  const acts = new Acts(state, composer, list);
  const { log } = list;
  const bar = h('div', { class: 'acts' });
  let row = null;

  const showBar = (next) => {
    if (next === row && bar.isConnected) return;
    row = next;
    const comment = row && list.comment(row.dataset.id);
    if (!comment) return bar.remove();
    bar.replaceChildren(...acts.quick(comment, (anchor) => acts.menu(anchor, comment)));
    row.append(bar);
  };

  log.addEventListener('pointerover', (event) => event.pointerType === 'mouse' && showBar(event.target.closest('.comment')));
  log.addEventListener('pointerleave', () => showBar(null));
  log.addEventListener('contextmenu', (event) => open(event));
  log.addEventListener('click', (event) => {
    if (event.target.closest('button, a, .acts') || String(getSelection())) return;
    if (matchMedia('(hover: none)').matches || event.target.closest('.name')) open(event);
  });
  log.addEventListener('keydown', (event) => walk(event, log, open));

  function open(event) {
    const at = event.target.closest('.comment');
    const comment = at && list.comment(at.dataset.id);
    if (!comment) return;
    event.preventDefault();
    acts.menu(event.target.closest('.name') || at, comment);
  }
}

/** Up and down through the comments, Enter for what can be done. */
function walk(event, log, open) {
  const rows = [...log.querySelectorAll('.comment')];
  const at = rows.indexOf(document.activeElement);
  if (event.key === 'ArrowUp') rows[at < 0 ? rows.length - 1 : Math.max(0, at - 1)]?.focus();
  else if (event.key === 'ArrowDown' && at >= 0) (rows[at + 1] || log).focus();
  else if (event.key === 'Enter' && at >= 0 && event.target === rows[at]) return open(event);
  else return;
  event.preventDefault();
}

class Acts {
  constructor(state, composer, list) {
    Object.assign(this, { state, composer, list });
  }

  #path(rest) {
    return `/streams/${this.state.stream.id}${rest}`;
  }

  #mine(comment) {
    return comment.user.id === me()?.id;
  }

  #mayBan(comment) {
    const { you } = this.state;
    const target = STAFF.has(comment.user.role);
    return this.state.may('ban') && !this.#mine(comment) && (!target || you.role === 'host' || you.role === 'admin') && comment.user.role !== 'host';
  }

  #mayDelete(comment) {
    return this.state.may('delete') || this.#mine(comment);
  }

  /** The bar's buttons. */
  quick(comment, more) {
    const button = (name, label, run) => h('button', { class: 'icon-button tiny', type: 'button', 'aria-label': label, title: label, onclick: run }, icon(name, 17));
    const all = [];
    if (this.state.may('comment')) all.push(button('reply', t('reply'), () => this.composer.replyTo(comment)));
    if (this.state.may('delete')) all.push(button('trash', t('delete'), () => this.#delete(comment)));
    if (this.#mayBan(comment)) all.push(button('clock', t('timeout.10'), () => this.#ban(comment.user, 600)));
    const dots = button('more', t('more.actions'), (event) => more(event.currentTarget));
    dots.setAttribute('aria-haspopup', 'menu');
    all.push(dots);
    return all;
  }

  /** The menu with all of it. */
  menu(anchor, comment) {
    const { user } = comment;
    const items = [];
    const add = (allowed, label, iconName, run, danger) => allowed && items.push({ label, icon: iconName, run, danger });
    add(this.state.may('comment'), t('reply'), 'reply', () => this.composer.replyTo(comment));
    add(true, t('copy.text'), 'copy', () => copy(comment.content));
    add(user?.username, t('profile.of', { name: user.display_name }), 'user', () => go(`/u/${piece(user.username)}`));
    add(this.state.may('pin'), t('pin'), 'pin', () => tried(() => put(this.#path('/pin'), { comment_id: comment.id })));
    add(me() && !this.#mine(comment) && !this.state.may('delete'), t('report'), 'flag', () => this.#report(comment));
    if (this.#mayDelete(comment) || this.#mayBan(comment)) items.push(null);
    add(this.#mayDelete(comment), t('delete'), 'trash', () => this.#delete(comment), true);
    if (this.#mayBan(comment)) {
      add(true, t('timeout.1'), 'clock', () => this.#ban(user, 60));
      add(true, t('timeout.10'), 'clock', () => this.#ban(user, 600));
      add(true, t('timeout.day'), 'clock', () => this.#ban(user, 86400));
      add(true, t('ban'), 'ban', () => this.#banForGood(user), true);
    }
    menu(anchor, items, { label: t('more.actions') });
  }

  /** With all of one account's repeats that share its row. */
  #delete(comment) {
    const same = this.list.together(comment.id).filter(({ user }) => user.id === comment.user.id);
    const all = same.length ? same : [comment];
    return tried(() => Promise.all(all.map(({ id }) => this.state.live.remove(id))));
  }

  async #ban(user, seconds) {
    const done = await tried(() => put(this.#path(`/bans/${piece(user.username)}`), { duration_s: seconds }));
    if (done) toast(t(seconds ? 'timeout.done' : 'ban.done', { name: user.display_name }), { kind: 'good' });
  }

  async #banForGood(user) {
    const sure = await confirm(t('ban.sure', { name: user.display_name }), t('ban.text'), t('ban'));
    if (!sure) return;
    const done = await tried(() => put(this.#path(`/bans/${piece(user.username)}`), { duration_s: null, delete_comments: true }));
    if (done) toast(t('ban.done', { name: user.display_name }), { kind: 'good' });
  }

  async #report(comment) {
    if (!(await askLogin())) return;
    if (!(await confirm(t('report'), t('report.text'), t('report'), { danger: false }))) return;
    if (await tried(() => post(this.#path(`/comments/${comment.id}/report`)))) toast(t('report.done'), { kind: 'good' });
  }
}
