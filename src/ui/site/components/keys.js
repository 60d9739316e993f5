// Where an encoder sends to, and with which key. It is loaded when first wanted.
import { fill, h } from '../core/dom.js';
import { get, post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { icon, iconButton } from './icons.js';
import { confirm, copy, tried } from './overlay.js';
import { filled } from './panel.js';

/** Fills `box` with what the API has at `path`, and below it what `more(document, draw)` makes, which may draw it anew. */
export function encoderKeys(box, path, more = () => null) {
  let shown = false;
  let now = null;
  const draw = (next) => fill(box, drawn(next));
  const turn = () => {
    shown = !shown;
    draw(now);
  };
  const drawn = (next) => {
    now = next;
    const key = () => secret(now.key, shown, turn);
    return [
      h('h3', null, t('encoder.whip')),
      line(t('encoder.server'), address(now.whip_url)),
      line(t('encoder.token'), key()),
      now.rtmp_url && [h('h3', null, t('encoder.rtmp')), line(t('encoder.server'), address(now.rtmp_url)), line(t('encoder.key'), key())],
      h('div', { class: 'row' }, h('button', { class: 'button quiet small', name: 'rotate', onclick: () => rotate(path, (keys) => draw({ ...now, ...keys })) }, icon('retry', 18), t('key.rotate'))),
      more(now, draw),
    ];
  };
  return filled(box, () => get(path), drawn);
}

const line = (label, what) => h('div', { class: 'key-line' }, h('span', { class: 'label' }, label), what);
const address = (url) => [h('code', { class: 'key' }, url), iconButton('copy', t('copy'), () => copy(url))];

/** Whoever looks over the host's shoulder, or at the host's shared screen, reads no key. */
function secret(key, shown, turn) {
  return [
    h('code', { class: 'key' }, shown ? key : '•'.repeat(20)),
    iconButton('eye', t(shown ? 'key.hide' : 'key.show'), turn, { 'aria-pressed': String(shown) }),
    iconButton('copy', t('key.copy'), () => copy(key)),
  ];
}

async function rotate(path, draw) {
  if (!(await confirm(t('key.rotate'), t('key.rotate.text'), t('key.rotate')))) return;
  await tried(async () => draw(await post(`${path}/rotate`)), t('key.rotated'));
}
