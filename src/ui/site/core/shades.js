// What follows from a site's own colour: shades of it in which, and on which, text can be read in both themes.
import { contrast, mixed } from './contrast.js';

/** The least contrast of what is read, WCAG's for text and a little more. */
const READABLE = 4.8;
const GROUNDS = { light: '#ffffff', dark: '#1e2028' };

/** The colours that follow from one. */
export function shades(accent) {
  const button = until(accent, '#000000', (color) => contrast(color, '#ffffff') >= READABLE);
  const onDark = until(accent, '#ffffff', (color) => contrast(color, GROUNDS.dark) >= READABLE + 1);
  const onLight = until(accent, '#000000', (color) => contrast(color, GROUNDS.light) >= READABLE + 1);
  return {
    '--accent': button,
    '--accent-hover': mixed(button, '#000000', 0.12),
    '--accent-text': `light-dark(${onLight}, ${onDark})`,
    '--accent-soft': `light-dark(${mixed(accent, GROUNDS.light, 0.9)}, ${mixed(accent, GROUNDS.dark, 0.86)})`,
    '--focus': `light-dark(${onLight}, ${onDark})`,
  };
}

/** The first of ever more of `target` mixed in that is good. */
function until(color, target, isGood) {
  let share = 0;
  while (share < 1 && !isGood(mixed(color, target, share))) share += 0.05;
  return mixed(color, target, Math.min(share, 1));
}
