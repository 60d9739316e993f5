// A calm picture for a stream that has none: drawn from its id, so that it is the same everywhere and forever.
import { h, svg } from '../core/dom.js';
import { dice, tint } from '../core/random.js';

const PALETTES = [
  [252, 288, 330], [214, 240, 190], [168, 196, 220], [340, 12, 288], [18, 36, 350], [266, 220, 312], [190, 160, 240], [300, 335, 260],
];
const PATTERNS = [rings, beams, waves, dots, bars];
let serial = 0;

/** The picture, 16 by 9, cut to fill its box. */
export function cover(id, className = 'cover') {
  const roll = dice(id);
  const hues = PALETTES[Math.floor(roll() * PALETTES.length)];
  const name = `cover${++serial}`;
  const picture = svg('svg', { class: className, viewBox: '0 0 640 360', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' });
  picture.append(definitions(name, hues, roll), svg('rect', { width: 640, height: 360, fill: `url(#${name}-ground)` }));
  for (let i = 0; i < 3; i++) {
    const spot = { cx: 80 + roll() * 480, cy: 20 + roll() * 320, r: 170 + roll() * 150 };
    picture.append(svg('circle', { ...spot, fill: `url(#${name}-spot${i})` }));
  }
  const pattern = PATTERNS[Math.floor(roll() * PATTERNS.length)];
  picture.append(svg('g', { fill: 'none', stroke: '#fff' }, pattern(roll)));
  picture.append(svg('rect', { width: 640, height: 360, fill: `url(#${name}-shade)` }));
  return picture;
}

function definitions(name, hues, roll) {
  const angle = Math.floor(roll() * 90);
  const stop = (offset, color, opacity = 1) => svg('stop', { offset, 'stop-color': color, 'stop-opacity': opacity });
  const ground = svg('linearGradient', { id: `${name}-ground`, gradientTransform: `rotate(${angle} .5 .5)` },
    stop(0, `hsl(${hues[0]} 52% 30%)`), stop(1, `hsl(${hues[1]} 56% 18%)`));
  const spots = hues.map((hue, i) => svg('radialGradient', { id: `${name}-spot${i}` },
    stop(0, `hsl(${hue} 82% ${62 - i * 6}%)`, 0.75), stop(1, `hsl(${hue} 80% 50%)`, 0)));
  const shade = svg('linearGradient', { id: `${name}-shade`, x2: 0, y2: 1 }, stop(0.5, '#000', 0), stop(1, '#000', 0.35));
  return svg('defs', null, ground, spots, shade);
}

function rings(roll) {
  const [cx, cy] = [roll() * 640, 120 + roll() * 300];
  return Array.from({ length: 11 }, (_, i) =>
    svg('circle', { cx, cy, r: 30 + i * 38, 'stroke-width': 1.2, 'stroke-opacity': (0.34 - i * 0.026).toFixed(3) }));
}

function beams(roll) {
  return Array.from({ length: 5 }, () => {
    const [top, foot, width] = [80 + roll() * 480, roll() * 640, 50 + roll() * 110];
    return svg('path', { d: `M${top} -20L${foot - width} 380H${foot + width}Z`, fill: '#fff', 'fill-opacity': 0.05 + roll() * 0.06, stroke: 'none' });
  });
}

function waves(roll) {
  const [phase, length] = [roll() * 6, 140 + roll() * 160];
  return Array.from({ length: 13 }, (_row, row) => {
    const points = Array.from({ length: 41 }, (_point, i) => {
      const x = i * 16;
      const y = 70 + row * 22 + Math.sin(x / length * 6 + phase + row * 0.32) * (10 + row * 2.6);
      return `${x} ${y.toFixed(1)}`;
    });
    return svg('path', { d: `M${points.join('L')}`, 'stroke-width': 1.2, 'stroke-opacity': (0.1 + row * 0.016).toFixed(3) });
  });
}

function dots(roll) {
  const [cx, cy] = [roll() * 640, roll() * 360];
  const all = [];
  for (let x = 14; x < 640; x += 27) {
    for (let y = 14; y < 360; y += 27) {
      const near = Math.max(0, 1 - Math.hypot(x - cx, y - cy) / 420);
      if (near > 0.04) all.push(svg('circle', { cx: x, cy: y, r: (near * 6.5).toFixed(1), fill: '#fff', 'fill-opacity': (near * 0.24).toFixed(2), stroke: 'none' }));
    }
  }
  return all;
}

function bars(roll) {
  const phase = roll() * 6;
  return Array.from({ length: 26 }, (_, i) => {
    const height = 46 + Math.abs(Math.sin(i * 0.37 + phase)) * 130 + roll() * 60;
    return svg('rect', { x: 8 + i * 24.3, y: 366 - height, width: 12, height, rx: 6, fill: '#fff', 'fill-opacity': 0.1, stroke: 'none' });
  });
}

/** The cover of an account, where its whole document is at hand and has one. */
export function banner(user) {
  if (!user.cover_url) return null;
  const image = h('img', { class: 'cover', src: user.cover_url, alt: '' });
  image.addEventListener('error', () => image.remove());
  return image;
}

/** The round sign of an account: its avatar, where its whole document is at hand and has one, else its letter. */
export function avatar(user, size = 36) {
  if (!user.avatar_url) return letter(user, size);
  const image = h('img', { class: 'avatar', src: user.avatar_url, width: size, height: size, alt: '' });
  image.addEventListener('error', () => image.replaceWith(letter(user, size)));
  return image;
}

/** Its first letter on its colour. */
function letter(user, size) {
  const first = [...(user.display_name || user.username || '?')][0].toUpperCase();
  const style = { width: `${size}px`, height: `${size}px`, 'font-size': `${Math.round(size * 0.44)}px` };
  return h('span', { class: `avatar tint-${tint(user.id || user.username)}`, style, 'aria-hidden': 'true' }, first);
}
