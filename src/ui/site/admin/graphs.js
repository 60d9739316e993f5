// How the server goes: figures of now, and the last hour as lines. Read as sentences by screen readers.
import { fill, h, svg } from '../core/dom.js';
import { get } from '../core/api.js';
import { clock, count, t, when } from '../core/i18n.js';
import { panel, filled } from '../components/panel.js';

const [W, H] = [360, 96];
const EVERY_MS = 5000;
/** What is drawn, and how its figure is written. */
const FIGURES = {
  viewers: count,
  rooms: count,
  comments_per_s: rate,
  deliveries_per_s: rate,
  journal_ms: (ms) => `${rate(ms)} ms`,
  flush_ms: (ms) => `${rate(ms)} ms`,
  database_bytes: size,
};

export function graphs(life) {
  const box = h('div', { class: 'graphs' });
  const load = () => filled(box, () => get('/admin/stats'), draw);
  load();
  life.seen(EVERY_MS, load);
  return panel(t('admin.graphs'), t('admin.graphs.hint'), box);
}

function draw(stats) {
  const points = [...stats.minutes, stats.now];
  return [
    h('p', { class: 'muted' }, t('admin.node', { node: stats.node })),
    h('div', { class: 'admin-graphs' }, Object.entries(FIGURES).map(([name, written]) => one(name, points, written))),
    stats.disk_bytes && h('p', null, t('admin.disk', { free: size(stats.disk_free_bytes), all: size(stats.disk_bytes) })),
    h('h3', null, t('admin.nodes')),
    h('ul', { class: 'lines nodes' }, stats.nodes.map((node) => h('li', { class: 'line' }, h('div', { class: 'line-words' }, h('span', { class: 'strong' }, node.name), h('div', { class: 'muted small' }, node.version, node.seen_at && [' · ', when(node.seen_at)]))))),
  ];
}

function one(name, points, written) {
  const values = points.map((point) => point[name]);
  const most = Math.max(...values, 0);
  const label = t('admin.graph', { name: t(`admin.${name}`), now: written(values.at(-1)), most: written(most), from: clock(points[0].at) });
  const x = (place) => (points.length < 2 ? W : (place / (points.length - 1)) * W);
  const y = (value) => H - 4 - (most > 0 ? value / most : 0) * (H - 12);
  const path = values.map((value, place) => `${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
  const picture = svg('svg', { class: 'graph', viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': label });
  picture.append(svg('line', { x1: 0, x2: W, y1: H - 4, y2: H - 4, class: 'graph-grid' }), svg('path', { d: `M${path}`, class: 'graph-line' }));
  return fill(h('figure', { class: 'admin-graph', dataset: { figure: name } }), h('figcaption', null, t(`admin.${name}`), ' ', h('strong', null, written(values.at(-1)))), picture);
}

/** With one digit behind the point where that says something. */
function rate(value) {
  return value < 10 ? String(Math.round(value * 10) / 10) : count(Math.round(value));
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes > 0 ? Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1) : 0;
  return `${rate(bytes / 1000 ** step)} ${units[step]}`;
}
