// How one's own comments fly: where, how large, which colour.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { prefer, prefs } from '../core/prefs.js';
import { popup } from '../components/overlay.js';

const PLAIN = { mode: 'scroll', color: '#ffffff', size: 'normal' };
const COLORS = ['#ffffff', '#ffd54a', '#ff8a5c', '#ff6b81', '#ff8ad8', '#b99bff', '#6fb7ff', '#5fe3e0', '#7ee787', '#d7e36b'];

export function stylePicker(anchor) {
  const box = h('div');
  draw(box);
  popup(anchor, () => box, { className: 'settings-popup', label: t('style'), above: true });
}

function draw(box) {
  const style = prefs().style || PLAIN;
  const choose = (change) => {
    const next = { ...style, ...change };
    const plain = Object.keys(PLAIN).every((key) => next[key] === PLAIN[key]);
    prefer({ style: plain ? null : next });
    draw(box);
    box.querySelector(`[data-choice="${Object.values(change)[0]}"]`)?.focus();
  };
  const segment = (part, value) => h('button', { dataset: { choice: value }, 'aria-pressed': String(style[part] === value), onclick: () => choose({ [part]: value }) }, t(`style.${value}`));
  const dot = (color) => h('button', { class: 'swatch', dataset: { choice: color }, 'aria-pressed': String(style.color === color), 'aria-label': color, style: { '--swatch': color }, onclick: () => choose({ color }) });
  fill(box,
    h('h2', { class: 'popup-title' }, t('style')),
    h('div', { class: 'segments', role: 'group', 'aria-label': t('style.mode') }, ['scroll', 'top', 'bottom'].map((v) => segment('mode', v))),
    h('div', { class: 'segments', role: 'group', 'aria-label': t('style.size') }, ['small', 'normal', 'large'].map((v) => segment('size', v))),
    h('div', { class: 'swatches', role: 'group', 'aria-label': t('style.color') }, COLORS.map(dot)),
    h('div', { class: 'style-sample' }, h('span', { style: { color: style.color }, class: `sample-${style.size}` }, t('style.sample'))));
}
