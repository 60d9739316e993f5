// The column beside the stage: connection, notices, comments, questions, and the place to write.
import { h, fill } from '../core/dom.js';
import { count, t } from '../core/i18n.js';
import { allIgnored, isIgnored, onIgnored } from '../core/ignored.js';
import { agreeOnIgnored, ignoreAs } from '../core/ignoring.js';
import { onPrefs, prefer, prefs } from '../core/prefs.js';
import { me, onSession } from '../core/session.js';
import { icon, popupButton } from '../components/icons.js';
import { nameOf } from '../components/live.js';
import { popup } from '../components/overlay.js';
import { toggle } from '../components/form.js';
import { Announcer } from './announcer.js';
import { CommentList } from './list.js';
import { commentActions } from './actions.js';
import { run } from './talk/command-acts.js';
import { Composer } from './composer.js';
import { connectionBar } from './connection.js';
import { history } from './history.js';
import { Notices } from './notices.js';
import { People } from './talk/people.js';
import { Questions } from './questions.js';
import { Reactions } from './reactions.js';
import { shieldButton } from './moderate/shield-button.js';

export class Chat {
  constructor(state, life, stage) {
    Object.assign(this, { state, life, stage });
    this.people = new People(() => me()?.username);
    // Who moderates must see who said what.
    this.list = new CommentList({ myId: () => me()?.id, onearlier: () => history(state), people: this.people, folds: () => prefs().fold && !state.may('delete') });
    this.composer = new Composer(state, life, { list: this.list, people: this.people, run: (command) => run(command, state, this.list) });
    this.questions = new Questions(state, life);
    this.announcer = new Announcer(life);
    this.element = h('section', { class: 'chat', 'aria-label': t('chat') });
    life.add(() => this.list.end());
    this.#build();
    this.#listen();
    this.#heed();
    commentActions(this.list, state, this.composer);
  }

  #build() {
    const { state, life } = this;
    const notices = new Notices(state, life);
    this.talk = h('div', { class: 'talk' }, notices.element, this.list.element);
    this.ask = h('div', { class: 'ask', hidden: true }, this.questions.element);
    this.tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': t('chat') });
    const settings = popupButton('gear', t('chat.settings'), (anchor) => this.#settings(anchor));
    const tools = h('div', { class: 'chat-tools' }, shieldButton(state, life), settings);
    const reactions = new Reactions(state, life, this.stage);
    this.foot = h('footer', { class: 'chat-foot' }, reactions.element, reactions.opener, this.composer.element);
    this.composer.box.addEventListener('focus', () => this.#isSmall() && notices.fold());
    fill(this.element, h('header', { class: 'chat-head' }, this.tabs, tools), connectionBar(state, life), this.talk, this.ask, this.foot, this.announcer.element);
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
    popup(anchor, (close) => [
      h('h2', { class: 'popup-title' }, t('chat.settings')),
      toggle('fold', t('fold'), prefs().fold, (event) => prefer({ fold: event.target.checked })),
      toggle('stamps', t('stamps'), prefs().stamps, stamps),
      location.pathname.startsWith('/pop/') ? null : h('button', { class: 'menu-item', onclick: () => close(this.#popOut()) }, icon('popout', 18), t('pop.out')),
      ...allIgnored().map((user) => ignoredRow(user)),
    ], { className: 'settings-popup', label: t('chat.settings') });
  }

  #popOut() {
    const { id } = this.state.stream;
    window.open(`/pop/${id}`, `chat-${id}`, 'popup,width=420,height=720');
  }

  #listen() {
    const { live } = this.state;
    live.on('snapshot', ({ comments, stream }) => {
      this.people.heard(stream.host);
      if (stream.status !== 'ended' || !this.replaying) this.list.reset(comments, stream.comment_count > comments.length);
    });
    live.on('comment.created', ({ comment }) => this.#arrive(comment));
    this.life.add(this.state.on('gone', (isGone) => this.#forget(isGone)));
  }

  /** What the reader looks at, prefers and may do decides what is shown. */
  #heed() {
    this.life.listen(document, 'visibilitychange', () => this.list.lookAway(document.hidden));
    const ignored = ({ user }) => isIgnored(user.id);
    this.life.add(onIgnored(() => this.#forget(ignored, 'reply.ignored')));
    this.life.add(onSession(agreeOnIgnored));
    agreeOnIgnored();
    let folded = this.list.folds();
    const refold = () => folded !== this.list.folds() && ((folded = !folded), this.list.redraw());
    this.life.add(this.state.on('you', refold));
    this.life.add(onPrefs(refold));
  }

  /** Deleted words stay nowhere, nor do those of who is ignored; `why` stands where they were quoted. */
  #forget(isGone, why = 'reply.gone') {
    this.list.remove(isGone, why);
    this.composer.forget(isGone);
    this.announcer.forget(isGone);
    this.stage.danmaku.forget(isGone);
  }

  #arrive(comment) {
    const own = comment.user.id === me()?.id;
    this.list.add(comment);
    if (isIgnored(comment.user.id)) return;
    if (!this.stage.isBack) this.stage.danmaku.show(comment, { own });
    if (!own) this.announcer.heard(comment);
  }
}

/** Somebody who is ignored, and the way to hear them again. */
function ignoredRow(user) {
  const row = h('div', { class: 'switch' }, h('span', null, t('ignored'), ' ', nameOf(user, 'strong')), h('button', {
    class: 'link',
    onclick: () => {
      ignoreAs(user, false);
      row.remove();
    },
  }, t('ignore.no')));
  return row;
}
