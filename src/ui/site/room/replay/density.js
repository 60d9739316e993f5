// Where in a replay much was said, as a small hill line over the scrubber.
import { svg } from '../../core/dom.js';

const BINS = 90;

export function density(offsets, lengthMs) {
  const bins = new Array(BINS).fill(0);
  for (const at of offsets) if (at >= 0 && at < lengthMs) bins[Math.floor((at / lengthMs) * BINS)] += 1;
  const most = Math.max(1, ...bins);
  const points = bins.map((n, i) => `${((i + 0.5) / BINS) * 300} ${(20 - (n / most) * 18).toFixed(1)}`);
  return svg('svg', { class: 'density', viewBox: '0 0 300 20', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { d: `M0 20L${points.join('L')}L300 20Z` }));
}
