// Words in the reader's language, and numbers and times as that language writes them.
import { keep } from './prefs.js';
import { pieces } from './spans.js';

// Both have the same words, so one is enough; which, the document says before this runs.
const WORDS = { en: () => import('../lang/en.js'), 'zh-CN': () => import('../lang/zh.js') };
let lang = document.documentElement.lang in WORDS ? document.documentElement.lang : 'en';
let { default: words } = await WORDS[lang]();

/** The language in use: `en` or `zh-CN`. */
export function language() {
  return lang;
}

/** Changes it; the caller draws the page again. */
export async function speak(next) {
  ({ default: words } = await WORDS[next]());
  lang = next;
  document.documentElement.lang = next;
  keep('livehouse.lang', next);
}

/** A text by its key; `{name}` is filled from `values`, `n` chooses between `one` and `other` where there are two. */
export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) return key;
  if (Array.isArray(text)) text = values.n === 1 ? text[0] : text[1];
  return text.replace(/\{(\w+)\}/g, (_, name) => (name === 'n' ? count(values.n) : values[name] ?? ''));
}

// Codes that say too little by themselves: the reason is in the server's own words.
const VAGUE = new Set(['bad_request', 'forbidden', 'not_found', 'invalid_transition', 'conflict', 'invalid_field', 'rate_limited', 'unavailable', 'username_taken']);

/** The sentence for an API code, with the server's own reason where the code alone does not say it. */
export function explain(error) {
  const known = words[`code.${error.code}`];
  const reason = VAGUE.has(error.code) || !known ? error.detail : null;
  const told = lang === 'en' ? reason || known : [known, reason && t('reason', { reason })].filter(Boolean).join('');
  return [told || t('code.internal'), error.retryAfterMs && t('wait', { time: lasting(error.retryAfterMs) })].filter(Boolean).join(' ');
}

const SPANS = [[864e5, 'day'], [36e5, 'hour'], [6e4, 'minute']];

/** How long to wait, as people say it: "45 seconds", "about 3 minutes", "about an hour". */
export function lasting(ms) {
  const [size, unit] = SPANS.find(([s]) => ms >= s * 0.95) || [1000, 'second'];
  const n = Math.max(1, unit === 'second' ? Math.ceil(ms / size) : Math.round(ms / size));
  return t(`lasting.${unit}`, { n });
}

const SPAN_UNITS = { 86_400: 'day', 3600: 'hour', 60: 'minute', 1: 'second' };

/** A length of time, exactly, as one would type it: "10 min", "1 h 30 min"; "off" for none, "for good" for no end. */
export function spanWords(length) {
  if (!length) return t('span.off');
  if (length === Infinity) return t('for.good');
  return pieces(length).map(([n, size]) => t(`span.${SPAN_UNITS[size]}`, { n })).join(' ');
}

/** The time until something begins: with its days, where there are some. */
export function countdown(ms) {
  const days = Math.floor(ms / 864e5);
  return days > 0 ? t('countdown.days', { n: days, time: duration(ms % 864e5) }) : duration(ms);
}

const formats = new Map(); // of a language, a kind and its options

/** A formatter of `Intl`, kept: making one takes longer than all else that a row of the chat does. */
function format(kind, options) {
  const key = `${lang} ${kind} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl[kind](lang, options));
  return formats.get(key);
}

/** 1,234 as 1,234; 12,345 as 12.3K or 1.2万. Small ones are the same in both languages, and need no formatter. */
export function count(n) {
  if (!(n >= 1000)) return String(n ?? 0);
  const compact = n >= 10000;
  return format('NumberFormat', compact ? { notation: 'compact', maximumFractionDigits: 1 } : {}).format(n ?? 0);
}

/** A day and time, short. */
export function when(iso) {
  return format('DateTimeFormat', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** A date, short. */
export function date(iso) {
  return format('DateTimeFormat', { dateStyle: 'medium' }).format(new Date(iso));
}

/** A day by its name and date, short: "Sat, Nov 28". */
export function dayShort(iso) {
  return format('DateTimeFormat', { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(iso));
}

/** A day by its name and date; today and tomorrow by their words, too. */
export function dayName(iso, now = Date.now()) {
  const name = format('DateTimeFormat', { weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(iso));
  const ahead = Math.round((new Date(iso).setHours(12, 0, 0, 0) - new Date(now).setHours(12, 0, 0, 0)) / 864e5);
  if (ahead !== 0 && ahead !== 1) return name;
  return `${format('RelativeTimeFormat', { numeric: 'auto' }).format(ahead, 'day')} · ${name}`;
}

/** The time zone of the reader, by its name in summer and winter alike. */
export function zoneName(now = Date.now()) {
  const parts = format('DateTimeFormat', { timeZoneName: 'longGeneric' }).formatToParts(now);
  return parts.find(({ type }) => type === 'timeZoneName').value;
}

/** The time of day. */
export function clock(iso) {
  return format('DateTimeFormat', { hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

const UNITS = [['year', 31536e6], ['month', 2592e6], ['week', 6048e5], ['day', 864e5], ['hour', 36e5], ['minute', 6e4], ['second', 1e3]];

/** "3 hours ago", "in 2 days". */
export function ago(iso, now = Date.now()) {
  const ms = new Date(iso) - now;
  const [unit, size] = UNITS.find(([, s]) => Math.abs(ms) >= s) || UNITS.at(-1);
  return format('RelativeTimeFormat', { numeric: 'auto' }).format(Math.round(ms / size), unit);
}

/** 3725000 ms as 1:02:05. */
export function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (v) => String(v).padStart(2, '0');
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest.replace(/^0(?=\d:)/, '');
}

/** 12,345,678 bytes as 12 MB. */
export function megabytes(bytes) {
  return format('NumberFormat', { style: 'unit', unit: 'megabyte', maximumFractionDigits: bytes < 1e7 ? 1 : 0 }).format(bytes / 1e6);
}
