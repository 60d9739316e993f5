// The stream itself: edited, or removed.
import { h } from '../core/dom.js';
import { del } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go } from '../core/router.js';
import { confirm } from '../components/overlay.js';
import { saveStream, streamForm } from '../components/stream-form.js';
import { attempt, panel } from '../components/panel.js';

export function details(state) {
  const save = saveStream(state.stream.id);
  const form = streamForm(state.stream, t('save'), async (changes) => state.set('stream', { ...state.stream, ...(await save(changes)) }));
  const remove = async () => {
    if (!(await confirm(t('stream.delete.sure'), t('stream.delete.text'), t('stream.delete')))) return;
    const path = `/u/${encodeURIComponent(state.stream.host.username)}`;
    if (await attempt(() => del(`/streams/${state.stream.id}`))) go(path);
  };
  return [
    panel(t('studio.details'), null, form),
    panel(t('stream.delete'), t('stream.delete.text'), h('div', { class: 'row' }, h('button', { class: 'button danger', type: 'button', onclick: remove }, t('stream.delete')))),
  ];
}
