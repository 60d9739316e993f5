// OBS or another encoder: where it sends to, with which key, and how it is best set.
import { fill, h } from '../../core/dom.js';
import { get, patch, post } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { toggle } from '../../components/form.js';
import { icon, iconButton } from '../../components/icons.js';
import { confirm, copy, tried } from '../../components/overlay.js';
import { filled, panel } from '../../components/panel.js';

const ADVICE = ['keyframes', 'b_frames', 'bitrate'];

export function fromEncoder(state, life) {
  const box = h('div', { class: 'encoder' });
  const shown = { key: false };
  const draw = (ingest) => fill(box, drawn(state, ingest, shown, draw));
  filled(box, () => get(state.path('/ingest')), (ingest) => drawn(state, ingest, shown, draw));
  life.add(() => (shown.key = false));
  return panel(t('encoder'), t('encoder.hint'), box);
}

function drawn(state, ingest, shown, draw) {
  const again = () => draw(ingest);
  const key = () => secret(ingest.key, shown, again);
  return [
    h('h3', null, t('encoder.whip')),
    line(t('encoder.server'), ingest.whip_url),
    h('div', { class: 'key-line' }, h('span', { class: 'label' }, t('encoder.token')), key()),
    ingest.rtmp_url && [
      h('h3', null, t('encoder.rtmp')),
      line(t('encoder.server'), ingest.rtmp_url),
      h('div', { class: 'key-line' }, h('span', { class: 'label' }, t('encoder.key')), key()),
    ],
    h('div', { class: 'row' }, h('button', { class: 'button quiet small', onclick: () => rotate(state, draw) }, icon('retry', 18), t('key.rotate'))),
    h('ul', { class: 'advice' }, ADVICE.map((what) => h('li', null, t(`advice.${what}`)))),
    toggle('auto_start', t('auto_start'), ingest.auto_start, ({ target }) => tried(async () => draw(await patch(state.path('/ingest'), { auto_start: target.checked }))).then((done) => done || again())),
  ];
}

function line(label, text) {
  return h('div', { class: 'key-line' }, h('span', { class: 'label' }, label), h('code', { class: 'key' }, text), iconButton('copy', `${t('copy')}: ${label}`, () => copy(text)));
}

/** Whoever looks over the host's shoulder, or at the host's shared screen, reads no key. */
function secret(key, shown, again) {
  const turn = () => {
    shown.key = !shown.key;
    again();
  };
  return [
    h('code', { class: 'key' }, shown.key ? key : '•'.repeat(20)),
    iconButton('eye', t(shown.key ? 'key.hide' : 'key.show'), turn, { 'aria-pressed': String(shown.key) }),
    iconButton('copy', t('key.copy'), () => copy(key)),
  ];
}

async function rotate(state, draw) {
  if (!(await confirm(t('key.rotate'), t('key.rotate.text'), t('key.rotate')))) return;
  await tried(async () => draw(await post(state.path('/ingest/rotate'))), t('key.rotated'));
}
