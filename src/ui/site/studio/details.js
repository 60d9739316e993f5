// The stream itself: edited, or removed.
import { h } from '../core/dom.js';
import { del, patch, piece } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go } from '../core/router.js';
import { confirm, tried } from '../components/overlay.js';
import { panel } from '../components/panel.js';
import { streamForm } from '../components/stream-form.js';

export function details(state) {
  const save = async (changes) => state.set('stream', { ...state.stream, ...(await patch(state.path(), changes)) });
  const remove = async () => {
    if (!(await confirm(t('stream.delete.sure'), t('stream.delete.text'), t('stream.delete')))) return;
    if (await tried(() => del(state.path()))) go(`/u/${piece(state.stream.host.username)}`);
  };
  return [
    panel(t('studio.details'), null, streamForm(state.stream, t('save'), save)),
    panel(t('stream.delete'), t('stream.delete.text'), h('div', { class: 'row' }, h('button', { class: 'button danger', onclick: remove }, t('stream.delete')))),
  ];
}
