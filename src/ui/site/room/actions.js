// What the reader may do with a comment: a small bar on the one pointed at, a menu by keyboard, touch or right click.
import { fill, h } from '../core/dom.js';
import { post, put } from '../core/api.js';
import { t } from '../core/i18n.js';
import { mayBan } from '../core/roles.js';
import { me } from '../core/session.js';
import { tinyButton } from '../components/icons.js';
import { part } from '../components/load.js';
import { askLogin } from '../components/login.js';
import { confirm, copy, menu, tried } from '../components/overlay.js';
import { ban, banForGood } from './moderate/verdicts.js';

export function commentActions(list, state, composer) {
  const acts = new Acts(state, composer);
  const { log } = list;
  const bar = h('div', { class: 'acts' });
  let row = null;

  const showBar = (next) => {
    if (next === row && bar.isConnected) return;
    row = next;
    const comment = row && list.comment(row.dataset.id);
    if (!comment) return bar.remove();
    fill(bar, acts.quick(comment, (anchor) => acts.menu(anchor, comment)));
    row.append(bar);
  };

  log.addEventListener('pointerover', (event) => event.pointerType === 'mouse' && showBar(event.target.closest('.comment')));
  log.addEventListener('pointerleave', () => showBar(null));
  log.addEventListener('contextmenu', (event) => open(event));
  log.addEventListener('click', (event) => {
    if (event.target.closest('button, a, .acts') || String(getSelection())) return;
    if (event.target.closest('.name')) return show(event);
    if (matchMedia('(hover: none)').matches) open(event);
  });
  log.addEventListener('keydown', (event) => walk(event, log, open));

  function show(event) {
    const comment = list.comment(event.target.closest('.comment').dataset.id);
    if (comment) showCard(comment.user, state, composer);
  }

  function open(event) {
    const at = event.target.closest('.comment');
    const comment = at && list.comment(at.dataset.id);
    if (!comment) return;
    event.preventDefault();
    acts.menu(event.target.closest('.name') || at, comment);
  }
}

let shown = false;

/** One card at a time, however often it is asked for while it is loaded. */
async function showCard(user, state, composer) {
  if (shown) return;
  shown = true;
  try {
    const module = await part(() => import('./moderate/card.js'));
    await module?.card(user, state, composer);
  } finally {
    shown = false;
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
  constructor(state, composer) {
    Object.assign(this, { state, composer });
  }

  #mine(comment) {
    return comment.user.id === me()?.id;
  }

  #mayBan(comment) {
    return mayBan(this.state.you, comment.user);
  }

  #mayDelete(comment) {
    return this.state.may('delete') || this.#mine(comment);
  }

  /** The bar's buttons. */
  quick(comment, more) {
    const button = (name, label, run, props) => tinyButton(name, label, run, { size: 17, ...props });
    return [
      this.state.may('comment') && button('reply', t('reply'), () => this.composer.replyTo(comment)),
      this.state.may('delete') && button('trash', t('delete'), () => this.#delete(comment)),
      this.#mayBan(comment) && button('clock', t('timeout.10'), () => ban(this.state, comment.user, 600)),
      button('more', t('more.actions'), (event) => more(event.currentTarget), { 'aria-haspopup': 'menu' }),
    ];
  }

  /** The menu with all of it. */
  menu(anchor, comment) {
    const { user } = comment;
    const items = [];
    const add = (allowed, label, iconName, run, danger) => allowed && items.push({ label, icon: iconName, run, danger });
    add(this.state.may('comment'), t('reply'), 'reply', () => this.composer.replyTo(comment));
    add(true, t('copy.text'), 'copy', () => copy(comment.content));
    add(user?.username, t('card.of', { name: user.display_name }), 'user', () => showCard(user, this.state, this.composer));
    add(this.state.may('pin'), t('pin'), 'pin', () => tried(() => put(this.state.path('/pin'), { comment_id: comment.id })));
    add(me() && !this.#mine(comment) && !this.state.may('delete'), t('report'), 'flag', () => this.#report(comment));
    if (this.#mayDelete(comment) || this.#mayBan(comment)) items.push(null);
    add(this.#mayDelete(comment), t('delete'), 'trash', () => this.#delete(comment), true);
    if (this.#mayBan(comment)) {
      add(true, t('timeout.1'), 'clock', () => ban(this.state, user, 60));
      add(true, t('timeout.10'), 'clock', () => ban(this.state, user, 600));
      add(true, t('timeout.day'), 'clock', () => ban(this.state, user, 86400));
      add(true, t('ban'), 'ban', () => banForGood(this.state, user), true);
    }
    menu(anchor, items, { label: t('more.actions') });
  }

  #delete(comment) {
    return tried(() => this.state.live.remove(comment.id));
  }

  async #report(comment) {
    if (!(await askLogin())) return;
    const sure = await confirm(t('report'), t('report.text'), t('report'), { danger: false });
    if (sure) await tried(() => post(this.state.path(`/comments/${comment.id}/report`)), t('report.done'));
  }
}
