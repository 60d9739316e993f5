// What a line that begins with a slash means. It does nothing itself.
import { seconds } from '../../core/spans.js';

/** Each command, the right that it takes, and how it is meant to be used. */
const COMMANDS = [
  { name: 'me', use: '/me …', words: 'command.me' },
  { name: 'clear', use: '/clear', words: 'command.clear' },
  { name: 'timeout', use: '/timeout @… 10 min', words: 'command.timeout', right: 'ban' },
  { name: 'ban', use: '/ban @…', words: 'command.ban', right: 'ban' },
  { name: 'unban', use: '/unban @…', words: 'command.unban', right: 'ban' },
  { name: 'slow', use: '/slow 30 s', words: 'command.slow', right: 'settings' },
];
const TIMEOUT_S = 600;
const MOST_WORDS = 4; // of a length of time: "an hour and a half" is none
const SLOW_S = 30;

/** The commands that one may use here. */
export const allowed = (may) => COMMANDS.filter(({ right }) => !right || may(right));

/** `{say}` what is to be said, `{run, …}` what is to be done, or `{wrong}`: the command that was not understood or not allowed. */
export function read(text, may) {
  if (text.startsWith('//')) return { say: text.slice(1) };
  const found = /^\/(\p{L}+)(?:\s+(.*))?$/su.exec(text);
  if (!found) return { say: text };
  const [, name, rest = ''] = found;
  const command = allowed(may).find((one) => one.name === name.toLowerCase());
  if (!command) return { wrong: null };
  return READ[command.name](rest.trim()) || { wrong: command };
}

const READ = {
  me: (rest) => rest && { say: `/me ${rest}` },
  clear: (rest) => !rest && { run: 'clear' },
  timeout: (rest) => whom(rest, (words) => {
    const { length, reason } = timed(words);
    return length > 0 ? { run: 'ban', duration_s: Number.isFinite(length) ? length : null, reason } : null;
  }),
  ban: (rest) => whom(rest, (words) => ({ run: 'ban', duration_s: null, delete_comments: true, reason: words.join(' ') || undefined })),
  unban: (rest) => whom(rest, (words) => (words.length ? null : { run: 'unban' })),
  slow(rest) {
    const length = rest ? seconds(rest) : SLOW_S;
    return length === null || length > 3600 ? null : { run: 'slow', slow_mode_s: length };
  },
};

function whom(rest, then) {
  const [name, ...words] = rest.split(/\s+/);
  const username = name.replace(/^@/, '');
  const what = username ? then(words) : null;
  return what && { username, ...what };
}

/** As many words as mean a length of time, and the reason behind them; ten minutes where none does. */
function timed(words) {
  for (let n = Math.min(MOST_WORDS, words.length); n > 0; n--) {
    const length = seconds(words.slice(0, n).join(' '), 60);
    if (length !== null) return { length, reason: words.slice(n).join(' ') || undefined };
  }
  return { length: TIMEOUT_S, reason: words.join(' ') || undefined };
}
