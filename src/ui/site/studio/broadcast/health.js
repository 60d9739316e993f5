// What arrives from whoever sends the picture, what is wrong with it and how it is mended; and why the last one was refused.
import { fill, h } from '../../core/dom.js';
import { del, get } from '../../core/api.js';
import { ago, explain, t } from '../../core/i18n.js';
import { icon } from '../../components/icons.js';
import { confirm, tried } from '../../components/overlay.js';
import { panel } from '../../components/panel.js';
import { codecs, figures } from './figures.js';

export function health(state, life) {
  const box = h('div', { class: 'health', 'aria-live': 'polite' });
  const draw = () => fill(box, drawn(state));
  for (const part of ['ingest', 'picture']) life.add(state.on(part, draw));
  // The socket tells it from now on; until its first word the server is asked.
  if (!state.ingest) get(state.path('/ingest')).then((ingest) => state.ingest || state.set('ingest', ingest), () => {});
  draw();
  return panel(t('health'), null, box);
}

function drawn(state) {
  const { publisher, warnings = [], last_refusal: refusal } = state.ingest ?? {};
  return [
    publisher ? arriving(state, publisher) : h('p', { class: 'muted' }, t('health.none')),
    warnings.length > 0 && h('ul', { class: 'warnings' }, warnings.map((name) => h('li', { class: 'warning' }, icon('warn', 18), h('span', null, t(`warning.${name}`))))),
    !publisher && refusal && h('p', { class: 'problem' }, t('health.refused', { ago: ago(refusal.at), why: refusal.code === 'unauthenticated' ? t('refusal.key') : explain(refusal) })),
  ];
}

function arriving(state, publisher) {
  const { agent, protocol, since } = publisher;
  const sign = state.picture?.state === 'live' ? 'live' : 'dim';
  return [
    h('div', { class: 'row' },
      h('span', { class: `badge ${sign}` }, t(`arrives.${state.picture?.state ?? 'waiting'}`)),
      h('span', null, t('arrives.from', { protocol: protocol.toUpperCase(), codecs: codecs(publisher) })),
      h('span', { class: 'muted grow' }, [agent, ago(since)].filter(Boolean).join(' · ')),
      h('button', { class: 'button danger small', onclick: () => cut(state) }, t('cut'))),
    h('dl', { class: 'numbers' }, figures(publisher).map(([name, value]) => h('div', { class: 'figure small' }, h('dt', null, t(`arrives.${name}`)), h('dd', null, value)))),
  ];
}

async function cut(state) {
  if (await confirm(t('cut.sure'), t('cut.text'), t('cut'))) await tried(() => del(state.path('/ingest/publisher')));
}
