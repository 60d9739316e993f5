// What arrives from whoever sends the picture, what is wrong with it and how it is mended; and why the last one was refused.
import { fill, h, refill } from '../../core/dom.js';
import { del, get } from '../../core/api.js';
import { ago, explain, t } from '../../core/i18n.js';
import { device } from '../../components/device.js';
import { icon } from '../../components/icons.js';
import { confirm, tried } from '../../components/overlay.js';
import { panel } from '../../components/panel.js';
import { codecs, figures } from './figures.js';

// Of what goes to a media server nothing is seen here, so its name stands where the codecs would.
const SERVERS = { srs: 'SRS', mediamtx: 'MediaMTX', nginx: 'nginx-rtmp', ome: 'OvenMediaEngine' };

export function health(state, life, broadcast) {
  const head = h('div', { class: 'row' });
  const numbers = h('dl', { class: 'numbers' });
  const warnings = h('ul', { class: 'warnings', role: 'status' });
  const draw = () => {
    const { publisher = null, warnings: wrong = [], last_refusal: refusal = null } = state.ingest ?? {};
    const shown = state.picture?.state ?? 'none';
    refill(head, [publisher?.protocol, publisher?.since, publisher && codecs(publisher), shown, refusal?.at], () => (publisher ? arriving(state, publisher, shown, broadcast) : nobody(refusal)));
    refill(warnings, wrong, () => wrong.map(warning));
    fill(numbers, publisher && figures(publisher).map(figure));
    numbers.hidden = !numbers.firstChild;
    warnings.hidden = wrong.length === 0;
  };
  for (const part of ['ingest', 'picture']) life.add(state.on(part, draw));
  // The socket tells it from now on; until its first word the server is asked.
  if (!state.ingest) get(state.path('/ingest')).then((ingest) => state.ingest || state.set('ingest', ingest), () => {});
  draw();
  return panel(t('health'), null, h('div', { class: 'health' }, head, numbers, warnings));
}

function nobody(refusal) {
  const why = refusal && (refusal.code === 'unauthenticated' ? t('refusal.key') : explain(refusal));
  return [h('p', { class: 'muted' }, t('health.none')), refusal && h('p', { class: 'problem' }, t('health.refused', { ago: ago(refusal.at), why }))];
}

function arriving(state, publisher, shown, broadcast) {
  return [
    h('span', { class: `badge ${shown === 'live' ? 'live' : 'dim'}` }, t(`arrives.${shown}`)),
    h('span', null, t('arrives.from', { protocol: publisher.protocol.toUpperCase(), codecs: SERVERS[publisher.via] ?? codecs(publisher) })),
    h('span', { class: 'muted grow agent', title: publisher.agent }, publisher.agent && device(publisher.agent).name),
    h('button', { class: 'button danger small', name: 'cut', onclick: () => cut(state, broadcast) }, t('cut')),
  ];
}

const figure = ([name, value]) => h('div', { class: 'figure small' }, h('dt', null, t(`arrives.${name}`)), h('dd', null, value));
const warning = (name) => h('li', { class: 'warning' }, icon('warn', 18), h('span', null, t(`warning.${name}`)));

/** This page's own broadcast would come again by itself. */
async function cut(state, broadcast) {
  if (!(await confirm(t('cut.sure'), t('cut.text'), t('cut')))) return;
  broadcast.stop();
  await tried(() => del(state.path('/ingest/publisher')));
}
