// OBS or another encoder: where it sends to, with which key, and how it is best set.
import { h } from '../../core/dom.js';
import { patch } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { toggle } from '../../components/form.js';
import { encoderKeys } from '../../components/keys.js';
import { tried } from '../../components/overlay.js';
import { panel } from '../../components/panel.js';

const ADVICE = ['keyframes', 'b_frames', 'bitrate'];

export function fromEncoder(state) {
  const box = h('div', { class: 'encoder' });
  const path = state.path('/ingest');
  encoderKeys(box, path, (ingest, draw) => [
    h('ul', { class: 'advice' }, ADVICE.map((what) => h('li', null, t(`advice.${what}`)))),
    toggle('auto_start', t('auto_start'), ingest.auto_start, async ({ target }) => {
      const set = async () => draw(await patch(path, { auto_start: target.checked }));
      if (!(await tried(set))) draw(ingest);
    }),
    toggle('record', t('record'), ingest.record, async ({ target }) => {
      const set = async () => draw(await patch(path, { record: target.checked }));
      if (!(await tried(set))) draw(ingest);
    }),
  ]);
  return panel(t('encoder'), t('encoder.hint'), box);
}
