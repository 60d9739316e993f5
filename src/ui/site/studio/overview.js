// How it goes: the numbers of now, the graph so far, and what is most often done during a show.
import { h, fill } from '../core/dom.js';
import { get, post } from '../core/api.js';
import { count, t } from '../core/i18n.js';
import { icon } from '../components/icons.js';
import { field, form, input, textarea } from '../components/form.js';
import { filled, panel } from '../components/panel.js';
import { spanField, toSeconds } from '../components/span-field.js';
import { graph } from './graph.js';
import { recording } from './recording.js';

const REFRESH_MS = 15_000;

export function overview(state, life) {
  const numbers = h('dl', { class: 'numbers' });
  const plot = h('div', { class: 'graph-box' });
  const draw = () => drawNumbers(numbers, state);
  for (const part of ['viewers', 'stream', 'reactions']) life.add(state.on(part, draw));
  life.add(state.live.on('comment.created', () => {
    state.stream.comment_count = (state.stream.comment_count || 0) + 1;
    draw.due ||= requestAnimationFrame(() => ((draw.due = 0), draw()));
  }));
  const load = () => filled(plot, async () => (await get(state.path('/stats'))).minutes, graph);
  life.seen(REFRESH_MS, load);
  draw();
  load();
  const tools = h('div', { class: 'columns' }, announce(state), poll(state, life));
  return [numbers, panel(t('graph'), null, plot), state.stream.status === 'ended' ? null : tools, recording(state, life), exporting(state)];
}

function drawNumbers(box, { viewers, stream, reactions }) {
  const all = Object.values(reactions).reduce((a, b) => a + b, 0);
  const peak = Math.max(stream.peak_viewers || 0, viewers);
  const figure = (sign, label, n) => h('div', { class: 'figure' }, h('dt', null, icon(sign, 18), label), h('dd', null, count(n)));
  fill(box, figure('eye', t('figure.viewers'), viewers), figure('up', t('figure.peak'), peak), figure('chat', t('figure.comments'), stream.comment_count), figure('heart', t('reactions'), all));
}

function announce(state) {
  const send = async ({ content }, it) => {
    await post(state.path('/announcements'), { content });
    it.reset();
  };
  return panel(t('announce'), t('announce.hint'), form([field(t('announce.text'), textarea('content', { rows: 2, dir: 'auto' }))], t('announce.send'), send));
}

function poll(state, life) {
  const box = h('div');
  const draw = () => fill(box, state.poll ? running(state) : ask(state));
  let open;
  life.add(state.on('poll', (now) => {
    if (Boolean(now) !== open || now) draw();
    open = Boolean(now);
  }));
  open = Boolean(state.poll);
  draw();
  return panel(t('poll'), null, box);
}

function ask(state) {
  const options = Array.from({ length: 4 }, (_, i) => input(`option${i}`, { 'aria-label': t('poll.option', { i: i + 1 }), placeholder: t('poll.option', { i: i + 1 }), dir: 'auto' }));
  const fields = [
    field(t('poll.question'), input('question', { dir: 'auto' })),
    h('div', { class: 'field', dataset: { field: 'options' } }, h('span', { class: 'label' }, t('poll.options')), options, h('p', { class: 'problem', role: 'alert' })),
    spanField('duration_s', t('poll.lasts'), 120, { offered: [60, 120, 300, 600, 1800] }),
  ];
  const send = (values) => post(state.path('/polls'), {
    question: values.question,
    options: options.map((o) => o.value.trim()).filter(Boolean),
    duration_s: toSeconds(values, 'duration_s', { unit: 60 }),
  });
  return form(fields, t('poll.open'), send, { quiet: true });
}

function running(state) {
  const { poll: now } = state;
  const total = now.tally.reduce((a, b) => a + b, 0);
  const close = () => post(state.path(`/polls/${now.id}/close`)).catch(() => {});
  return [
    h('p', { class: 'strong', dir: 'auto' }, now.question),
    h('ul', { class: 'tally' }, now.options.map((text, i) => h('li', null, h('bdi', null, text), h('span', null, `${count(now.tally[i])} · ${total ? Math.round((now.tally[i] / total) * 100) : 0}%`)))),
    h('div', { class: 'row end' }, h('button', { class: 'button quiet', onclick: close }, t('poll.close'))),
  ];
}

function exporting(state) {
  const path = (format) => `/api/v1${state.path('/comments/export')}?format=${format}`;
  const link = (format, name) => h('a', { class: 'button quiet', href: path(format), download: `${state.stream.id}.${format}` }, icon('down', 18), name);
  return state.stream.visibility === 'public' ? panel(t('export'), t('export.hint'), h('div', { class: 'row' }, link('ndjson', 'NDJSON'), link('xml', t('export.xml')))) : null;
}
