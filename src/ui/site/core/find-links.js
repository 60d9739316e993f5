// Which parts of a text are links, by the server's own rule (its `links.rs`, whose examples are tests of this, too): an
// address with its scheme, `www.` with a name, or a bare domain whose ending is one of the root zone's.
import ENDINGS from './endings.js';

// Endings that people write behind a dot without meaning a domain: those count with a path, a port, or a name before.
const WORDY = new Set(('am as at be bot buy by call can cool day do eat fan free fun game games gay good here how id in is it java kids la ' +
  'life like live love ma man md me meet men mr ms mu my na ne new next no now one open pa play pm ps py re read rip ' +
  'rs run safe save se see sh show si so stream talk team to today us va ve watch wed work wow you zero').split(' '));
const SECOND_LEVELS = new Set('ac co com edu go gov ne net or org'.split(' '));
const TOP_LEVELS = new Set([...ENDINGS, 'onion']);

const BOUNDARY = /[\s\p{Cc}\u2800\ufffc()[\]{}<>"'`|,;!*«»„“”‘’、，！]/u;
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const DOT = /[.。．｡․]/u;
const NAMELIKE = /^[\p{L}\p{N}\-_\u{80}-\u{10ffff}]+$/u;
const WITHOUT_SPACES = /[^\p{So}→←↑↓⇒\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
const BETWEEN_SENTENCES = /[，！；（）？、《》【】]/u; // no part of an address, though their narrow forms are
const ENDS_A_SENTENCE = /[.,;:!?'"…。，！？、]$/u;

/** The links of a text, in its order: `[{from, to, href}]`, places in its UTF-16. Others than of http and https are none. */
export function findLinks(text) {
  if (!DOT.test(text) && !/[/／]/.test(text)) return [];
  const { plain, places } = plainly(text);
  const found = [...withScheme(plain), ...bare(plain)].sort((a, b) => a.from - b.from);
  const links = [];
  for (const { from, to, scheme } of found) {
    const at = { from: places[from], to: places[to] };
    if (scheme) at.to = upTo(BETWEEN_SENTENCES, text, at);
    if (at.from < (links.at(-1)?.to ?? 0)) continue;
    const href = address(text.slice(at.from, at.to), scheme);
    if (href) links.push({ ...at, href });
  }
  return links;
}

/** Where in a part of the text such a sign stands first, or its end. */
function upTo(sign, text, { from, to }) {
  const at = text.slice(from, to).search(sign);
  return at < 0 ? to : from + at;
}

/** The text as letters are compared, and where each of its units stood. */
function plainly(text) {
  const places = [];
  let [plain, at] = ['', 0];
  for (const c of text) {
    const shown = c.replace(INVISIBLE, '').normalize('NFKC').toLowerCase();
    for (let n = 0; n < shown.length; n++) places.push(at);
    plain += shown;
    at += c.length;
  }
  return { plain, places: [...places, at] };
}

/** `scheme://` with something behind it. */
function* withScheme(plain) {
  for (const { 0: whole, index } of plain.matchAll(/https?:\/\/[\p{L}\p{N}[][^\s\p{Cc}<>"`|«»„“”、，！。]*/gu)) {
    if (/[a-z0-9+.-]/.test(plain[index - 1] ?? ' ')) continue;
    yield { from: index, to: index + trimmed(whole), scheme: true };
  }
}

/** Without what ends the sentence around it; a bracket that was opened within is kept. */
function trimmed(link) {
  let end = link.length;
  for (;;) {
    const kept = link.slice(0, end);
    const last = kept.at(-1);
    const opening = { ')': '(', ']': '[', '}': '{' }[last];
    if (!ENDS_A_SENTENCE.test(kept) && !(opening && kept.split(last).length > kept.split(opening).length)) return end;
    end -= 1;
  }
}

/** Bare domains, word by word; where words stand side by side without spaces, one ends where its script does. */
function* bare(plain) {
  let at = 0;
  for (const word of plain.split(BOUNDARY)) {
    const among = [...word.matchAll(WITHOUT_SPACES)].map(({ 0: part, index }) => within(part, index)).filter(Boolean);
    const found = among.length ? among : [within(word, 0) ?? asciiWithin(word)].filter(Boolean);
    for (const { from, to } of found) yield { from: at + from, to: at + to };
    at += word.length + 1;
  }
}

function asciiWithin(word) {
  for (const { 0: part, index } of word.matchAll(/[\0-\x7f]+/g)) {
    const found = within(part, index);
    if (found) return found;
  }
  return null;
}

function within(word, offset) {
  let at = 0;
  const parts = word.split(':');
  for (const [n, whole] of parts.entries()) {
    const part = whole.replace(/^[^\p{L}\p{N}]+/u, '');
    const from = at + whole.length - part.length;
    at += whole.length + 1;
    const hasPort = /^\d/.test(parts[n + 1] ?? '');
    const [, host, path] = /^([^/?#]*)(.*)$/su.exec(part);
    const name = host.replace(/[.。．｡․]+$/u, '');
    if (host.includes('@') || !isDomain(name, hasPort || /^\/./su.test(path))) continue;
    const end = path || hasPort ? from + trimmed(word.slice(from)) : from + name.length;
    return { from: offset + from, to: offset + end };
  }
  return null;
}

function isDomain(host, hasPath) {
  const labels = host.split(DOT);
  const [ending, name] = [labels.at(-1), labels.at(-2)];
  if (labels.length < 2 || !labels.every((label) => NAMELIKE.test(label) && !label.startsWith('-'))) return false;
  if (labels.length === 4 && labels.every((label) => /^\d{1,3}$/.test(label) && label < 256)) return hasPath;
  if (labels[0] === 'www') return true;
  const beginsASentence = !isAscii(ending) && host.slice(0, -ending.length).endsWith('。');
  const isDoubtful = WORDY.has(ending) && !isBehindAName(labels.slice(0, -2), name);
  return isTopLevel(ending) && (hasPath || !(beginsASentence || isDoubtful));
}

/** Whether a domain has a name, and something before it: "de.wikipedia.is", "example.co.in", but not "this.is.it". */
function isBehindAName(before, name) {
  const named = SECOND_LEVELS.has(name) ? before.at(-1) : name;
  return before.length > 0 && [...named].length > 2;
}

function isTopLevel(ending) {
  if (isAscii(ending)) return TOP_LEVELS.has(ending);
  return TOP_LEVELS.has(hostOf(`http://${ending}`));
}

const isAscii = (text) => !/[^\0-\x7f]/.test(text);

function hostOf(text) {
  try {
    return new URL(text).hostname;
  } catch {
    return null;
  }
}

/** Where a link leads, or null where browsers see no address in it. */
function address(link, scheme) {
  const whole = (scheme ? link : `https://${link}`).replace(INVISIBLE, '');
  return hostOf(whole) ? new URL(whole).href : null;
}
