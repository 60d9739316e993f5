/** Livehouse client: one room over one WebSocket that mends itself. */

// ---- what the server says; the names are those of the API, and v1 only grows: expect members and types beyond these

/** An id, a UUIDv7. */
export type Id = string;
/** RFC 3339 in UTC, with milliseconds. */
export type Time = string;

export type Role = 'guest' | 'viewer' | 'moderator' | 'host' | 'admin';
export type Right =
  | 'comment' | 'react' | 'vote' | 'ask'
  | 'delete' | 'ban' | 'review' | 'pin' | 'announce' | 'poll' | 'settings'
  | 'manage';
export type ReactionKind = 'like' | 'love' | 'laugh' | 'wow' | 'clap' | 'fire';
/** Codes this client knows; servers may have more. */
export type Code =
  | 'bad_request' | 'unauthenticated' | 'token_expired' | 'invalid_credentials' | 'forbidden' | 'banned' | 'comments_off'
  | 'followers_only' | 'account_too_new' | 'not_found' | 'method_not_allowed' | 'not_acceptable' | 'request_timeout'
  | 'username_taken' | 'invalid_transition' | 'stream_ended' | 'conflict' | 'no_picture' | 'stale' | 'payload_too_large'
  | 'unsupported_media_type' | 'upgrade_required' | 'invalid_field' | 'no_common_codec' | 'links_not_allowed'
  | 'term_not_allowed' | 'slow_mode' | 'too_fast' | 'repeated' | 'rate_limited' | 'internal' | 'overloaded' | 'unavailable';

export interface User {
  id: Id;
  username: string;
  display_name: string;
}

/** Who wrote an announcement or a question; `bot` where a key did that was made for one. */
export interface Writer extends User {
  bot?: boolean;
}

/** Who wrote a comment; `role` as of writing. */
export interface Author extends Writer {
  role: Role;
}

export interface Style {
  mode: 'scroll' | 'top' | 'bottom';
  /** `#rrggbb` */
  color: string;
  size: 'small' | 'normal' | 'large';
}

export interface Comment {
  id: Id;
  /** Its place in the log; null while it is held. */
  seq: number | null;
  stream_id: Id;
  user: Author;
  content: string;
  style: Style | null;
  reply_to: Id | null;
  client_id: string | null;
  /** From the start of the stream; null before it. */
  offset_ms: number | null;
  created_at: Time;
}

export interface Announcement {
  id: Id;
  content: string;
  user: Writer;
  created_at: Time;
}

export interface Poll {
  id: Id;
  question: string;
  options: string[];
  closes_at: Time;
  /** Votes for each option. */
  tally: number[];
}

export interface Question {
  id: Id;
  user: Writer;
  content: string;
  votes: number;
  answered: boolean;
}

export interface Settings {
  comments: 'users' | 'followers' | 'moderators' | 'off';
  slow_mode_s: number;
  min_account_age_s: number;
  repeat_window_s: number;
  links: 'allow' | 'hold' | 'reject';
  hold_all: boolean;
}

export type PictureState = 'none' | 'waiting' | 'live' | 'stalled';

export interface Picture {
  state: PictureState;
  since: Time | null;
  width: number | null;
  height: number | null;
}

/** A stream without its counters, as events have it. */
export interface StreamCore {
  id: Id;
  title: string;
  description: string;
  tags: string[];
  visibility: 'public' | 'unlisted' | 'private';
  status: 'scheduled' | 'live' | 'ended';
  host: User & { avatar_url: string | null };
  scheduled_for: Time | null;
  playback_url: string | null;
  started_at: Time | null;
  ended_at: Time | null;
  created_at: Time;
  updated_at: Time;
}

export interface Stream extends StreamCore {
  viewers: number;
  peak_viewers: number;
  comment_count: number;
  /** Totals by kind. */
  reactions: { [kind: string]: number };
  picture: Picture;
}

/** Who one is in the room. `can` says what the role allows, not what the room's settings do. */
export interface You {
  role: Role;
  /** Null for a guest. */
  user: User | null;
  can: Right[];
  /** `until` null: for good. */
  ban: { until: Time | null; reason: string | null } | null;
  /** One's own in the open poll. */
  vote: number | null;
}

export interface Limits {
  content_graphemes: number;
  content_bytes: number;
  frame_bytes: number;
  /** Comments in `per_ms`; null where there is no such limit. */
  comments: number | null;
  per_ms: number;
}

// ---- frames

/** Members of each log event, beside its `type`, `seq` and `ts`. */
interface EventMembers {
  'comment.created': { comment: Comment };
  'comment.deleted': { comment_id: Id; by: 'author' | 'moderator' | 'host' | 'admin' };
  'comment.tombstone': { comment_id: Id; deleted_at: Time };
  /** All comments of theirs with a lower `seq` are gone. */
  'comments.purged': { user_id: Id };
  'comment.pinned': { comment: Comment };
  'comment.unpinned': unknown;
  'announcement.created': { announcement: Announcement };
  'announcement.removed': { announcement_id: Id };
  'announcement.tombstone': { announcement_id: Id; deleted_at: Time };
  'stream.updated': { stream: StreamCore };
  'stream.started': { stream: StreamCore };
  'stream.ended': { stream: StreamCore };
  'settings.updated': { settings: Settings };
  /** `until` null: for good. The end of a timeout is no event. */
  'viewer.banned': { user_id: Id; until: Time | null };
  'viewer.unbanned': { user_id: Id };
  'moderator.added': { user_id: Id; user: User };
  'moderator.removed': { user_id: Id; user: User };
  'poll.opened': { poll: Poll };
  'poll.closed': { poll: Poll };
  'question.created': { question: Question };
  'question.tombstone': { question_id: Id; deleted_at: Time };
  'question.answered': { question: Question };
}

/** An event of the log under its type, numbered by stream without holes. */
export type LogEventOf<Type extends keyof EventMembers> = { type: Type; seq: number; ts: Time } & EventMembers[Type];
/** Any event of the log; `type` tells which. */
export type LogEvent = { [Type in keyof EventMembers]: LogEventOf<Type> }[keyof EventMembers];

export interface WelcomeFrame {
  type: 'welcome';
  connection_id: Id;
  now: Time;
  you: You;
  heartbeat_ms: number;
  limits: Limits;
}

/** Everything of a room at one `seq`. By HTTP `settings` is null, as is all that only a socket tells. */
export interface SnapshotFrame {
  type: 'snapshot';
  epoch: string;
  seq: number;
  stream: Stream;
  settings: Settings | null;
  pinned: Comment | null;
  announcement: Announcement | null;
  poll: Poll | null;
  /** Not yet answered, most wanted first. */
  questions: Question[];
  /** The last 50, oldest first. */
  comments: Comment[];
}

export interface ResumedFrame {
  type: 'resumed';
  epoch: string;
  from: number;
  to: number;
}

/** Latest values, at most two a second. */
export interface PulseFrame {
  type: 'pulse';
  viewers: number;
  reactions: { [kind: string]: number };
  /** Votes of the open poll. */
  tally?: number[];
}

export interface PictureFrame extends Picture {
  type: 'picture';
  whep: boolean;
  hls: boolean;
  b_frames?: boolean;
}

/** To host and moderators: where the picture comes from. */
export interface IngestFrame {
  type: 'ingest';
  publisher: {
    protocol: 'whip' | 'rtmp' | 'srt' | 'rtsp' | 'other';
    /** The media server that it is sent to; null where that is this house. */
    via: 'srs' | 'mediamtx' | 'nginx' | 'ome' | null;
    agent: string | null;
    since: Time;
    video: {
      codec: string;
      width: number;
      height: number;
      fps: number;
      kbps: number;
      keyframe_s: number | null;
      b_frames: boolean;
    } | null;
    audio: { codec: string; rate: number; channels: number } | null;
  } | null;
  warnings: string[];
  last_refusal: { at: Time; code: string; detail: string } | null;
}

/** Without `type` where it is that of `welcome`, or of a room that is read by HTTP. */
export interface YouFrame extends You {
  type?: 'you';
  ref?: string;
}

/** To moderators: how many comments wait. */
export interface QueueFrame {
  type: 'queue';
  held: number;
}

/** A comment waits for a moderator, or was turned down after it did. */
export interface HeldFrame {
  type: 'held';
  ref?: string;
  comment_id: Id;
  state: 'held' | 'rejected';
}

/** A refusal that nothing waited for; of the client's own, what no further try can mend, before the status `closed`. */
export interface ErrorFrame {
  type: 'error';
  ref?: string;
  code: Code | (string & {});
  message: string;
  retry_after_ms?: number;
}

/** Events `from` to `to`, `missed` of them, were left out for this viewer; they can be read at `/events`. */
export interface LaggedFrame {
  type: 'lagged';
  from: number;
  to: number;
  missed: number;
}

export interface ByeFrame {
  type: 'bye';
  code: number;
  reason: string;
  retry: boolean;
  retry_after_ms?: number;
}

// ---- the client

/** `by` is `http` where no WebSocket comes through: there are no counts then, and no rights of moderators. */
export type Status =
  | { state: 'connecting'; attempt: number; reason?: string }
  | { state: 'open'; by: 'socket' | 'http' }
  | { state: 'reconnecting'; attempt: number; retryInMs?: number; reason?: string }
  | { state: 'closed'; code: number; reason?: string };

/** What `on` tells, by its name. */
export type RoomEvents = {
  status: Status;
  welcome: WelcomeFrame;
  /** Draw everything anew. */
  snapshot: SnapshotFrame;
  /** What was missed follows as events. */
  resumed: ResumedFrame;
  pulse: PulseFrame;
  picture: PictureFrame;
  ingest: IngestFrame;
  you: YouFrame;
  queue: QueueFrame;
  held: HeldFrame;
  error: ErrorFrame;
  lagged: LaggedFrame;
  bye: ByeFrame;
  /** Every event of the log once and in order; again under its own type. */
  event: LogEvent;
  /** The server does not take the session: `renew()` after a new login. */
  login: { reason?: string };
} & { [Type in keyof EventMembers]: LogEventOf<Type> };

/** As much of a WebSocket as the client uses: browsers', Node's own, or that of `ws`. */
export interface SocketLike {
  readonly readyState: number;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface RoomOptions {
  /** Its id. */
  stream: Id;
  /** The server's address; on a page its own is the default, and others must allow its origin. */
  server?: string;
  /** An access token or a key, null for a guest; `force`: the last one was refused. */
  token?: (why: { force: boolean }) => Promise<string | null>;
  /** For a runtime that has none, as Node before 22: that of `ws`. */
  WebSocket?: new (url: URL, protocols: string[]) => SocketLike;
  /** In place of the runtime's own. */
  fetch?: typeof globalThis.fetch;
}

export interface CommentOptions {
  style?: Partial<Style>;
  reply_to?: Id;
  /** One's own name for it, up to 64 characters, made where absent: a repeat posts nothing. */
  client_id?: string;
}

/** What became of a comment; `deleted`: it was posted, and deleted before its answer came. */
export type Posted =
  | { state: 'posted'; id: Id; seq: number; comment: Comment; duplicate?: boolean }
  | { state: 'held' | 'rejected'; comment_id: Id }
  | { state: 'deleted' };

/** The server's no. `closed` and `offline` are the client's own: there was no connection. */
export class Refused extends Error {
  readonly code: Code | 'closed' | 'offline' | (string & {});
  readonly detail: string | undefined;
  /** Where waiting helps. */
  readonly retryAfterMs: number | undefined;
  /** Of HTTP; 0 for a frame. */
  readonly status: number;
  /** Whether it is refused however often it is asked. */
  readonly isFinal: boolean;
  constructor(problem: { code: string; message?: string; detail?: string; retry_after_ms?: number; status?: number });
}

export class LiveRoom {
  /** The last event of the log that was told; null before the first snapshot. */
  readonly seq: number | null;
  readonly epoch: string | null;
  readonly you: You | null;
  readonly limits: Limits | null;
  readonly state: Status['state'];

  /** Throws a TypeError where the runtime has no `WebSocket`, or no address, and none is given. */
  constructor(options: RoomOptions);

  /** Joins, and comes back until `close()` or until the server says that there is no way back. */
  connect(): void;
  /** Leaves; what waits for an answer is `Refused` with the code `closed`. */
  close(): void;
  /** Reconnects now, whatever was planned. */
  retry(): void;
  /** The account changed: shows the room the new token, or starts over as a guest. */
  renew(): Promise<unknown>;

  /** Waits for a connection, and for the answer beyond it. Throws `Refused`. */
  comment(content: string, options?: CommentOptions): Promise<Posted>;
  /** Deletes a comment: one's own, or any for who moderates. */
  remove(comment_id: Id): Promise<unknown>;
  /** `option` counts from 0; a later vote replaces. */
  vote(poll_id: Id, option: number): Promise<unknown>;
  /** 1 to 20 at once. Without an answer. */
  react(kind: ReactionKind, count?: number): void;

  /** Gives the way to stop. */
  on<Name extends keyof RoomEvents>(name: Name, listener: (detail: RoomEvents[Name]) => void): () => void;
}

/** A new id for a comment. */
export function newId(): string;
