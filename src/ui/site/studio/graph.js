// The graph of a show: viewers as an area, comments a minute as bars under it. Read as a table by screen readers.
import { h, svg } from '../core/dom.js';
import { clock, count, t } from '../core/i18n.js';
import { roundUp, withoutGaps } from './minutes.js';

const [W, H, FOOT] = [760, 210, 26];

/** `minutes`: `[{minute, viewers, comments}]`, oldest first. */
export function graph(minutes) {
  const points = withoutGaps(minutes);
  if (points.length < 2) return h('p', { class: 'muted graph-none' }, t('graph.none'));
  const [from, to] = [points[0].at, points.at(-1).at];
  const x = (at) => 40 + ((at - from) / (to - from)) * (W - 56);
  const mostViewers = roundUp(Math.max(...points.map((p) => p.viewers), 1));
  const mostComments = Math.max(...points.map((p) => p.comments), 1);
  const y = (n) => 12 + (1 - n / mostViewers) * (H - FOOT - 12);
  const picture = svg('svg', { class: 'graph', viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': summary(points) });
  picture.append(...grid(mostViewers, y), ...bars(points, mostComments, x), ...area(points, x, y), ...times(from, to, x));
  return [legend(), picture];
}

function grid(most, y) {
  return [0, 0.5, 1].flatMap((part) => [
    svg('line', { x1: 40, x2: W - 16, y1: y(most * part), y2: y(most * part), class: 'graph-grid' }),
    svg('text', { x: 34, y: y(most * part) + 4, 'text-anchor': 'end', class: 'graph-text' }, count(Math.round(most * part))),
  ]);
}

function area(points, x, y) {
  const line = points.map((p) => `${x(p.at).toFixed(1)} ${y(p.viewers).toFixed(1)}`).join('L');
  const foot = `L${x(points.at(-1).at)} ${H - FOOT}L${x(points[0].at)} ${H - FOOT}Z`;
  return [svg('path', { d: `M${line}${foot}`, class: 'graph-area' }), svg('path', { d: `M${line}`, class: 'graph-line' })];
}

function bars(points, most, x) {
  const width = Math.max(1.5, Math.min(10, ((W - 56) / points.length) * 0.6));
  return points.map((p) => {
    const height = (p.comments / most) * (H - FOOT - 12) * 0.45;
    return svg('rect', { x: x(p.at) - width / 2, y: H - FOOT - height, width, height, rx: Math.min(2, width / 2), class: 'graph-bar' });
  });
}

function times(from, to, x) {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = from + (to - from) * part;
    return svg('text', { x: x(at), y: H - 6, 'text-anchor': part === 0 ? 'start' : part === 1 ? 'end' : 'middle', class: 'graph-text' }, clock(at));
  });
}

function legend() {
  const one = (kind, label) => h('span', { class: `legend ${kind}` }, label);
  return h('div', { class: 'row graph-legend', 'aria-hidden': 'true' }, one('of-viewers', t('figure.viewers')), one('of-comments', t('graph.comments')));
}

function summary(points) {
  const most = Math.max(...points.map((p) => p.viewers));
  const all = points.reduce((sum, p) => sum + p.comments, 0);
  return t('graph.summary', { from: clock(points[0].at), to: clock(points.at(-1).at), most: count(most), all: count(all) });
}
