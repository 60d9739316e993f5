// Which way the picture comes, and when that is given up for another: a machine of values, with time as an argument.
// It knows no browser and no network: what it is told are events, what it says is `path`, `attempt` and words.
import { backoff } from '../../livehouse/small.js';

const PATIENCE = {
  firstFrame: 4_000, // by WHEP, from when there is a picture
  firstPart: 12_000, // by HLS, which has to fill its buffer first
  disconnected: 5_000,
};
const AGAIN_MS = [1_000, 15_000];
const HLS_TRIES = 3; // so often in a row, then WHEP has another chance

/**
 * The machine at its beginning. `can`: {webrtc, h264, hls}, what this browser plays; `prefer`: `low` delay or `stable`;
 * `gaveUp`: since when the picture was there that WHEP was given up for, if it was before a reload.
 *
 * `path` is `whep`, `hls`, `external`, `recording`, or null where nothing is to be played; whenever `attempt` changes, it is to be opened
 * anew. `phase` is `opening`, `playing`, or `failed` until `retryAt`, which is null where only a change can help.
 */
export function begin(can, { prefer = 'low', gaveUp = null } = {}) {
  const seen = { status: null, external: null, recording: null, state: 'none', since: null, whep: false, hls: false };
  const course = { path: null, attempt: 0, phase: 'idle', failures: 0, openedAt: 0, liveAt: 0, lostAt: null, retryAt: null };
  return { can, prefer, gaveUp, ...seen, ...course };
}

/** What follows from an event at `now`, in milliseconds of any steady clock. The same object where nothing changes. */
export function step(machine, event, now) {
  const told = HEARD[event.type](machine, event, now);
  return overdue(chosen(told, now), now);
}

/** When to call `step` with `{type: 'tick'}` if nothing else happens before; Infinity for never. */
export function due(machine) {
  return Math.min(...deadlines(machine).map(({ at }) => at), Infinity);
}

/** What is to be said in the picture's place, as a key of words; null while it plays. */
export function words({ path, phase, state, status, retryAt }) {
  if (status !== 'live' && state === 'none') return phase === 'failed' ? 'failed' : null;
  if (state === 'stalled' && path !== 'external') return 'stalled';
  if (phase === 'failed') return retryAt === null ? 'unsupported' : 'failed';
  if (phase === 'playing') return null;
  if (phase === 'opening') return state === 'waiting' ? 'starting' : 'loading';
  if (state === 'waiting') return 'starting';
  if (state === 'live') return 'unsupported';
  return 'none';
}

const HEARD = {
  /** The stream's own state, and the address of a picture from elsewhere: null where there is none. */
  stream: (machine, { status, external }) => {
    if (status === machine.status && external === machine.external) return machine;
    const other = external !== machine.external && machine.path === 'external' ? { path: null } : null;
    return again({ ...machine, status, external, ...other });
  },
  /** The picture as the socket tells it. Another run of it, and WHEP has another chance. */
  picture: (machine, { state, since = null, whep = false, hls = false }, now) => {
    const begins = state === 'live' && machine.state !== 'live';
    const otherRun = state === 'none' || state === 'waiting' || (machine.state === 'none' && machine.gaveUp !== since);
    const gaveUp = otherRun ? null : machine.gaveUp;
    const next = { ...machine, state, since, whep, hls, gaveUp, liveAt: begins ? now : machine.liveAt };
    return begins || whep !== machine.whep || hls !== machine.hls ? again(next) : next;
  },
  /** The address of what was kept, which is shown from now on; null for what comes in. */
  recording: (machine, { url }) => {
    const next = again({ ...machine, recording: url });
    // Also where nothing takes its place, it is over.
    return machine.path === 'recording' ? { ...next, path: null, phase: 'idle', attempt: machine.attempt + 1 } : next;
  },
  prefer: (machine, { what }) => again({ ...machine, prefer: what, gaveUp: null }),
  frame: (machine) => ({ ...machine, phase: 'playing', failures: 0, retryAt: null, lostAt: null }),
  connected: (machine) => ({ ...machine, lostAt: null }),
  disconnected: (machine, _event, now) => ({ ...machine, lostAt: machine.lostAt ?? now }),
  /** What was opened came to nothing. `code` is the server's, where it gave one. */
  failed: (machine, { code }, now) => (machine.path === 'whep' ? withoutWhep(machine, now, code) : failed(machine, now)),
  retry: (machine) => again(machine, true),
  tick: (machine) => machine,
};

/** A failure waits no longer: something has changed. */
function again(machine, byHand = false) {
  if (machine.phase !== 'failed') return machine;
  return { ...machine, retryAt: 0, failures: byHand ? 0 : machine.failures };
}

/** The way that is right for what there is. */
function wanted({ status, state, external, recording, can, prefer, gaveUp, ...offered }) {
  if (recording && can.hls) return 'recording';
  const fromElsewhere = external ? 'external' : null;
  if (status === 'ended' || state === 'none') return fromElsewhere;
  const hls = offered.hls && can.hls;
  const whep = offered.whep && can.webrtc && (can.h264 || (state !== 'waiting' && !hls));
  const spare = hls || (state === 'waiting' && can.hls);
  if (whep && !(spare && (gaveUp !== null || prefer === 'stable'))) return 'whep';
  if (hls) return 'hls';
  // There is one, and nothing of it is here: it goes to a media server.
  return offered.whep || offered.hls || state === 'waiting' ? null : fromElsewhere;
}

/** Begins anew where another way is right, or the same after a failure whose time has come. */
function chosen(machine, now) {
  const path = wanted(machine);
  const isDue = machine.phase === 'failed' && machine.retryAt !== null && machine.retryAt <= now;
  if (path === machine.path && !isDue) return machine;
  if (path === null) return { ...machine, path, phase: 'idle', attempt: machine.attempt + 1, lostAt: null, retryAt: null, failures: 0 };
  return { ...machine, path, phase: 'opening', attempt: machine.attempt + 1, openedAt: now, lostAt: null, retryAt: null };
}

/** Times at which patience ends, and what then. */
function deadlines(machine) {
  const { path, phase, state, openedAt, liveAt, lostAt, retryAt } = machine;
  const all = [];
  const opening = phase === 'opening' && state === 'live';
  if (path === 'whep' && opening) all.push({ at: Math.max(openedAt, liveAt) + PATIENCE.firstFrame, then: withoutWhep });
  if (path === 'hls' && opening) all.push({ at: Math.max(openedAt, liveAt) + PATIENCE.firstPart, then: failed });
  if (path === 'whep' && lostAt !== null) all.push({ at: lostAt + PATIENCE.disconnected, then: withoutWhep });
  if (phase === 'failed' && retryAt !== null) all.push({ at: retryAt, then: (it) => it });
  return all;
}

function overdue(machine, now) {
  const over = deadlines(machine).find(({ at }) => at <= now);
  return over ? chosen(over.then(machine, now), now) : machine;
}

/** WHEP is given up for this run of the picture, where there is HLS; else it is tried again. */
function withoutWhep(machine, now, code) {
  const gone = { ...machine, gaveUp: machine.since ?? '' };
  if (wanted(gone) !== 'whep') return chosen(gone, now);
  const none = failed(gone, now);
  return code === 'no_common_codec' ? { ...none, retryAt: null } : none;
}

function failed(machine, now) {
  const failures = machine.failures + 1;
  const gaveUp = machine.path === 'hls' && failures % HLS_TRIES === 0 ? null : machine.gaveUp;
  return { ...machine, phase: 'failed', failures, gaveUp, lostAt: null, retryAt: now + backoff(failures, AGAIN_MS) };
}
