// The pop-up with what each viewer may set about danmaku.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { prefer, prefs } from '../core/prefs.js';
import { popup } from '../components/overlay.js';
import { toggle } from '../components/form.js';

const SLIDERS = [
  ['opacity', 0.2, 1, 0.05, (v) => `${Math.round(v * 100)}%`],
  ['size', 0.7, 1.6, 0.05, (v) => `${Math.round(v * 100)}%`],
  ['speed', 0.5, 2, 0.1, (v) => `${v.toFixed(1)}×`],
  ['density', 0, 1, 0.1, (v) => `${Math.round(v * 100)}%`],
  ['area', 0.25, 1, 0.25, (v) => `${Math.round(v * 100)}%`],
];

export function danmakuSettings(anchor) {
  const content = () => [
    h('h2', { class: 'popup-title' }, t('danmaku')),
    toggle('danmaku', t('danmaku.show'), prefs().danmaku, (event) => prefer({ danmaku: event.target.checked })),
    SLIDERS.map(slider),
  ];
  popup(anchor, content, { className: 'settings-popup', label: t('danmaku.settings'), above: true });
}

function slider([name, min, max, step, show]) {
  const value = h('output', { class: 'slider-value' }, show(prefs()[name]));
  const box = h('input', { type: 'range', min, max, step, value: prefs()[name] });
  box.setAttribute('value', prefs()[name]);
  box.addEventListener('input', () => {
    value.textContent = show(Number(box.value));
    prefer({ [name]: Number(box.value) });
  });
  return h('label', { class: 'slider' }, h('span', null, t(`danmaku.${name}`)), box, value);
}
