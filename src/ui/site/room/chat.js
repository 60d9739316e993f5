// The column beside the stage: connection, notices, comments, questions, and the place to write.
import { h, fill } from '../core/dom.js';
import { count, t } from '../core/i18n.js';
import { prefer, prefs } from '../core/prefs.js';
import { me } from '../core/session.js';
import { popupButton } from '../components/icons.js';
import { popup } from '../components/overlay.js';
import { toggle } from '../components/form.js';
import { Announcer } from './announcer.js';
import { CommentList } from './list.js';
import { commentActions } from './actions.js';
import { Composer } from './composer.js';
import { connectionBar } from './connection.js';
import { history } from './history.js';
import { Notices } from './notices.js';
import { Questions } from './questions.js';
import { Reactions } from './reactions.js';

export class Chat {
  constructor(state, life, stage) {
    Object.assign(this, { state, life, stage });
    this.list = new CommentList({ myId: () => me()?.id, onearlier: () => history(state), foldAlone: () => state.may('delete') });
    this.composer = new Composer(state, life, this.list);
    this.questions = new Questions(state, life);
    this.announcer = new Announcer(life);
    this.element = h('section', { class: 'chat', 'aria-label': t('chat') });
    life.add(() => this.list.end());
    this.#build();
    this.#listen();
    commentActions(this.list, state, this.composer);
  }

  #build() {
    const { state, life } = this;
    const notices = new Notices(state, life);
    this.talk = h('div', { class: 'talk' }, notices.element, this.list.element);
    this.ask = h('div', { class: 'ask', hidden: true }, this.questions.element);
    this.tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': t('chat') });
    const settings = popupButton('gear', t('chat.settings'), (anchor) => this.#settings(anchor));
    const reactions = new Reactions(state, life, this.stage);
    this.foot = h('footer', { class: 'chat-foot' }, reactions.element, reactions.opener, this.composer.element);
    this.composer.box.addEventListener('focus', () => this.#isSmall() && notices.fold());
    fill(this.element, h('header', { class: 'chat-head' }, this.tabs, settings), connectionBar(state, life), this.talk, this.ask, this.foot, this.announcer.element);
    this.show('chat');
    life.add(state.on('questions', () => this.#drawTabs()));
    if (prefs().stamps) this.element.classList.add('stamps');
  }

  /** Whether what stands above the comments takes their place; as in chat.css. */
  #isSmall() {
    return this.element.clientHeight < 560;
  }

  show(which) {
    this.shown = which;
    this.talk.hidden = which !== 'chat';
    this.ask.hidden = which !== 'questions';
    this.foot.hidden = which !== 'chat';
    this.#drawTabs();
  }

  #drawTabs() {
    const open = this.state.questions.filter((q) => !q.answered).length;
    const tab = (which, label, n) => h('button', { class: 'tab', 'aria-pressed': String(this.shown === which), onclick: () => this.show(which) }, label, n ? h('span', { class: 'tab-count' }, count(n)) : null);
    fill(this.tabs, tab('chat', t('chat')), tab('questions', t('questions'), open));
  }

  #settings(anchor) {
    const stamps = (event) => {
      prefer({ stamps: event.target.checked });
      this.element.classList.toggle('stamps', event.target.checked);
    };
    popup(anchor, () => [
      h('h2', { class: 'popup-title' }, t('chat.settings')),
      toggle('fold', t('fold'), prefs().fold, (event) => prefer({ fold: event.target.checked })),
      toggle('stamps', t('stamps'), prefs().stamps, stamps),
    ], { className: 'settings-popup', label: t('chat.settings') });
  }

  #listen() {
    const { live } = this.state;
    live.on('snapshot', ({ comments, stream }) => {
      if (stream.status !== 'ended' || !this.replaying) this.list.reset(comments, stream.comment_count > comments.length);
    });
    live.on('comment.created', ({ comment }) => this.#arrive(comment));
    this.life.add(this.state.on('gone', (isGone) => this.#forget(isGone)));
  }

  /** Deleted words stay nowhere. */
  #forget(isGone) {
    this.list.remove(isGone);
    this.composer.forget(isGone);
    this.announcer.forget(isGone);
    this.stage.danmaku.forget(isGone);
  }

  #arrive(comment) {
    const own = comment.user.id === me()?.id;
    this.list.add(comment);
    this.stage.danmaku.show(comment, { own, important: comment.user.role === 'host' });
    if (!own) this.announcer.heard(comment);
  }
}
