// A colour of a site's own: whatever it is, what is written in it and on it can be read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast } from '../../src/ui/site/core/contrast.js';
import { shades } from '../../src/ui/site/core/shades.js';

test('contrast is as WCAG counts it', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#ffffff', '#ffffff'), 1);
});

test('what is read on the colour and in it has contrast in both themes', () => {
  for (const accent of ['#000000', '#ffffff', '#ffff00', '#00ff00', '#0000ff', '#d03a24', '#777777']) {
    const colors = shades(accent);
    assert.ok(contrast(colors['--accent'], '#ffffff') >= 4.5, accent);
    const [, onLight, onDark] = /light-dark\((#\w+), (#\w+)\)/.exec(colors['--accent-text']);
    const [, softLight, softDark] = /light-dark\((#\w+), (#\w+)\)/.exec(colors['--accent-soft']);
    for (const [text, ground] of [[onLight, '#ffffff'], [onDark, '#1e2028'], [onLight, softLight], [onDark, softDark]]) {
      assert.ok(contrast(text, ground) >= 4.5, `${accent}: ${text} on ${ground} is ${contrast(text, ground)}`);
    }
  }
});
