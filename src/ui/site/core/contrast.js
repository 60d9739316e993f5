// Colours as numbers: mixed, and how well one is read on another.

const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

/** So much of `target` in a colour. */
export function mixed(color, target, share) {
  const to = channels(target);
  return `#${channels(color).map((value, at) => Math.round(value + (to[at] - value) * share).toString(16).padStart(2, '0')).join('')}`;
}

/** As WCAG 2 counts it. */
export function contrast(one, other) {
  const light = (color) => {
    const [r, g, b] = channels(color).map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [a, b] = [light(one), light(other)];
  return Math.max(a, b) / Math.min(a, b);
}
