// The picture of the stream: from this browser, or from an encoder. It is loaded when first opened.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { part } from '../components/load.js';

export function broadcast(state, life, whole) {
  const box = h('div', { class: 'broadcast' }, h('p', { class: 'muted' }, t('loading')));
  let ended = false;
  life.add(() => (ended = true));
  part(() => import('./broadcast/section.js'), () => fill(box, h('p', { class: 'problem' }, t('part.missing')))).then((module) => {
    if (module && !ended) fill(box, module.section(state, life, whole));
  });
  return box;
}
