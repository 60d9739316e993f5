// Links within what people write: the same that the server takes for links, and where they lead.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findLinks } from '../../src/ui/site/core/find-links.js';

const RULE = readFileSync(new URL('../../src/domain/text/links.rs', import.meta.url), 'utf8');
const PAGE = readFileSync(new URL('../../src/ui/site/core/find-links.js', import.meta.url), 'utf8');

/** The texts of the first list behind `mark` in the server's rule. */
function texts(mark) {
  const from = RULE.indexOf('[', RULE.indexOf(mark) + mark.length);
  const list = RULE.slice(from, RULE.indexOf(']', RULE.lastIndexOf('"', RULE.indexOf('\n        ] {', from))));
  return strings(list);
}

const strings = (list) => [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text.replace(/\\u\{(\w+)\}/g, (_, hex) => String.fromCodePoint(parseInt(hex, 16))));
const constant = (name) => strings(RULE.slice(RULE.indexOf(`const ${name}`), RULE.indexOf('];', RULE.indexOf(`const ${name}`))));
const shown = (text) => findLinks(text).map(({ from, to, href }) => [text.slice(from, to), href]);

test('what the server takes for a link is one here, but for schemes that no browser should follow', () => {
  const links = texts('fn what_people_would_follow_is_a_link');
  assert.ok(links.length > 40);
  for (const text of links.filter((one) => !one.startsWith('ftp:'))) assert.equal(findLinks(text).length > 0, true, text);
  const others = texts('fn other_dots_are_no_links');
  assert.ok(others.length > 30);
  for (const text of others) assert.deepEqual(findLinks(text), [], text);
});

test('the lists of small words are the server\'s', () => {
  const here = (name) => PAGE.slice(PAGE.indexOf(`const ${name}`), PAGE.indexOf(';', PAGE.indexOf(`const ${name}`))).match(/(?<=[' ])[a-z]+(?=[' ])/g).filter((word) => !['const', 'new', 'split'].includes(word) || word === 'new');
  for (const word of constant('WORDY_ENDINGS')) assert.ok(here('WORDY').includes(word), word);
  for (const word of constant('SECOND_LEVELS')) assert.ok(here('SECOND_LEVELS').includes(word), word);
});

test('a link is as long as people mean it, and leads where it says', () => {
  const cases = {
    'see https://example.com/a_(b)?c=1#d.': [['https://example.com/a_(b)?c=1#d', 'https://example.com/a_(b)?c=1#d']],
    '(https://example.com/x)': [['https://example.com/x', 'https://example.com/x']],
    'HTTPS://Example.com/Ab': [['HTTPS://Example.com/Ab', 'https://example.com/Ab']],
    'http://example.com, then b.org/x!': [['http://example.com', 'http://example.com/'], ['b.org/x', 'https://b.org/x']],
    'go to WWW.Example.de!': [['WWW.Example.de', 'https://www.example.de/']],
    '去bilibili.tv/x看': [['bilibili.tv/x', 'https://bilibili.tv/x']],
    '看https://example.com/路径吧，好': [['https://example.com/路径吧', 'https://example.com/%E8%B7%AF%E5%BE%84%E5%90%A7']],
    'bücher.de': [['bücher.de', 'https://xn--bcher-kva.de/']],
    '例子.中国': [['例子.中国', 'https://xn--fsqu00a.xn--fiqs8s/']],
    'live.now:8443/x': [['live.now:8443/x', 'https://live.now:8443/x']],
    'look:example.com/a?b=c': [['example.com/a?b=c', 'https://example.com/a?b=c']],
    'a.com b.com': [['a.com', 'https://a.com/'], ['b.com', 'https://b.com/']],
    '👍 example.com': [['example.com', 'https://example.com/']],
    'example.com.': [['example.com', 'https://example.com/']],
  };
  for (const [text, links] of Object.entries(cases)) assert.deepEqual(shown(text), links, text);
});

test('nothing else becomes an address', () => {
  for (const text of ['javascript:alert(1)', 'javascript://example.com/%0aalert(1)', 'data:text/html,x', 'ftp://example', 'xhttp://example', 'https://', 'https://exa mple', 'http://[::1', 'vbscript://a.b']) {
    assert.deepEqual(shown(text).filter(([, href]) => !/^https?:\/\/[^/]/.test(href)), [], text);
  }
  assert.deepEqual(shown('https://a@b'), [['https://a@b', 'https://a@b/']]);
});
