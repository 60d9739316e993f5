// Questions to the host: asked, voted up, marked as answered.
import { h, fill } from '../core/dom.js';
import { post, put } from '../core/api.js';
import { count, t } from '../core/i18n.js';
import { me } from '../core/session.js';
import { icon, iconButton } from '../components/icons.js';
import { botBadge, empty, nameOf } from '../components/live.js';
import { askLogin } from '../components/login.js';
import { tried } from '../components/overlay.js';
import { form, textarea } from '../components/form.js';
import { words } from '../components/words.js';

export class Questions {
  constructor(state, life) {
    this.state = state;
    this.voted = new Set();
    this.list = h('div', { class: 'question-list' });
    this.foot = h('div', { class: 'question-foot' });
    this.element = h('div', { class: 'questions' }, this.list, this.foot);
    for (const part of ['questions', 'you', 'stream']) life.add(state.on(part, () => this.#draw()));
    this.#foot();
    this.#draw();
  }

  #foot() {
    const box = textarea('content', { rows: 2, placeholder: t('question.placeholder'), 'aria-label': t('question.ask'), required: true });
    const ask = async ({ content }, it) => {
      if (!content.trim()) return;
      if (!me() && !(await askLogin())) return;
      await post(this.state.path('/questions'), { content });
      it.reset();
    };
    fill(this.foot, form([box], t('question.ask'), ask, { quiet: true }));
  }

  #draw() {
    this.foot.hidden = this.state.stream?.status === 'ended' || this.#kept('ask');
    const order = [...this.state.questions].sort((a, b) => Number(a.answered) - Number(b.answered) || b.votes - a.votes || (a.id < b.id ? -1 : 1));
    if (!order.length) return fill(this.list, empty('question', t('questions.none'), t('questions.none.text')));
    fill(this.list, order.slice(0, 60).map((q) => this.#one(q)));
  }

  /** Whether somebody who is logged in may not do this here. */
  #kept(right) {
    return Boolean(this.state.you?.user && !this.state.may(right));
  }

  #one(question) {
    const up = h('button', { class: 'vote', 'aria-pressed': String(this.voted.has(question.id)), 'aria-label': t('question.vote', { n: question.votes }), disabled: question.answered || this.#kept('vote'), onclick: () => this.#vote(question) }, icon('up', 18), count(question.votes));
    const done = () => tried(() => post(this.state.path(`/questions/${question.id}/answered`)));
    return h('article', { class: question.answered ? 'question answered' : 'question' }, up,
      h('div', { class: 'question-words' }, words(question.content, 'question-text'),
        h('div', { class: 'muted small' }, nameOf(question.user), botBadge(question.user), question.answered && [' · ', t('question.answered')])),
      !question.answered && this.state.may('poll') && iconButton('check', t('question.mark'), done));
  }

  async #vote(question) {
    if (!me() && !(await askLogin())) return;
    if (this.voted.has(question.id)) return;
    const done = await tried(() => put(this.state.path(`/questions/${question.id}/vote`)));
    if (!done) return;
    this.voted.add(question.id);
    this.state.set('questions', this.state.questions.map((q) => (q.id === question.id ? { ...q, votes: q.votes + 1 } : q)));
  }
}
