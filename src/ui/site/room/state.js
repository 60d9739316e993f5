// What a room is right now, kept from the frames; views ask it and are told which part changed.
import { Emitter } from '../livehouse/small.js';

/** Calls back with a part (`stream`, `settings`, `you`, …) when it changed. */
export class RoomState extends Emitter {
  constructor(live, stream) {
    super();
    Object.assign(this, { live, stream, viewers: stream.viewers, reactions: stream.reactions || {}, questions: [], held: 0, clockOffsetMs: 0 });
    Object.assign(this, { settings: null, pinned: null, announcement: null, poll: null, lastPoll: null, you: null });
    Object.assign(this, { picture: null, ingest: null });
    this.#listen();
  }

  /** Where the API has this stream, or what belongs to it. */
  path(rest = '') {
    return `/streams/${this.stream.id}${rest}`;
  }

  may(right) {
    return Boolean(this.you?.can?.includes(right));
  }

  /** The server's clock, in milliseconds. */
  now() {
    return Date.now() + this.clockOffsetMs;
  }

  set(part, value) {
    this[part] = value;
    this.emit(part, value);
  }

  #listen() {
    const { live } = this;
    live.on('status', (status) => this.emit('status', status));
    live.on('welcome', ({ now }) => (this.clockOffsetMs = now ? new Date(now) - Date.now() : 0));
    live.on('you', (you) => this.set('you', you));
    live.on('snapshot', (frame) => this.#snapshot(frame));
    live.on('pulse', (frame) => this.#pulse(frame));
    live.on('viewer.banned', (event) => this.#banned(event));
    live.on('queue', ({ held }) => this.set('held', held));
    live.on('picture', (picture) => this.set('picture', picture));
    live.on('ingest', (ingest) => this.set('ingest', ingest));
    for (const type of ['stream.updated', 'stream.started', 'stream.ended']) live.on(type, ({ stream }) => this.set('stream', { ...this.stream, ...stream }));
    live.on('settings.updated', ({ settings }) => this.set('settings', settings));
    live.on('comment.pinned', ({ comment }) => this.set('pinned', comment));
    live.on('comment.unpinned', () => this.set('pinned', null));
    for (const type of ['comment.deleted', 'comment.tombstone']) live.on(type, ({ comment_id }) => this.#gone((comment) => comment.id === comment_id));
    live.on('comments.purged', ({ user_id, seq }) => this.#purged(user_id, seq));
    live.on('announcement.created', ({ announcement }) => this.set('announcement', announcement));
    live.on('announcement.removed', ({ announcement_id }) => this.announcement?.id === announcement_id && this.set('announcement', null));
    live.on('poll.opened', ({ poll }) => this.#pollOpened(poll));
    live.on('poll.closed', ({ poll }) => this.#pollClosed(poll));
    live.on('question.created', ({ question }) => this.#question(question));
    live.on('question.tombstone', ({ question_id }) => this.#withoutQuestions((q) => q.id === question_id));
    live.on('question.answered', ({ question }) => this.#question(question));
  }

  #snapshot(frame) {
    for (const part of ['settings', 'pinned', 'announcement']) this.set(part, frame[part] ?? null);
    this.set('questions', frame.questions || []);
    this.set('stream', frame.stream);
    this.set('reactions', frame.stream?.reactions || {});
    if (typeof frame.stream?.viewers === 'number') this.set('viewers', frame.stream.viewers);
    this.set('poll', frame.poll ?? null);
  }

  /** One's own ban shows at once, also where the event comes before the new rights; those bring the reason. */
  #banned({ user_id, until }) {
    if (this.you?.user?.id !== user_id || this.you.ban) return;
    this.set('you', { ...this.you, can: [], ban: { until: until ?? null, reason: null } });
  }

  #pulse({ viewers, reactions, tally }) {
    if (viewers !== undefined) this.set('viewers', viewers);
    if (reactions) this.set('reactions', reactions);
    if (tally && this.poll) this.set('poll', { ...this.poll, tally });
  }

  /** The vote that `you` told of was in the poll before. */
  #pollOpened(poll) {
    if (this.you) this.you = { ...this.you, vote: null };
    this.set('poll', poll);
  }

  #pollClosed(poll) {
    this.lastPoll = poll;
    this.set('poll', null);
  }

  #purged(user_id, seq) {
    this.#gone((comment) => comment.user?.id === user_id && !(comment.seq > seq));
    this.#withoutQuestions((question) => question.user.id === user_id);
  }

  /** Whatever shows a comment of which `isGone` holds must let it go: part `gone`. */
  #gone(isGone) {
    if (this.pinned && isGone(this.pinned)) this.set('pinned', null);
    this.emit('gone', isGone);
  }

  #withoutQuestions(isGone) {
    if (this.questions.some(isGone)) this.set('questions', this.questions.filter((question) => !isGone(question)));
  }

  #question(question) {
    const others = this.questions.filter((q) => q.id !== question.id);
    this.set('questions', [...others, question]);
  }
}
