// What was kept of the picture of a stream that has ended: its parts, each with its comments in its time, to take away or to remove.
import { h } from '../core/dom.js';
import { del, get, here } from '../core/api.js';
import { duration, megabytes, t } from '../core/i18n.js';
import { icon } from '../components/icons.js';
import { confirm, tried } from '../components/overlay.js';
import { filled, line, panel } from '../components/panel.js';

const LOOK_MS = 5_000; // how often it is looked whether it is complete

/** Nothing where nothing was kept. */
export function recording(state, life) {
  const list = h('ul', { class: 'lines' });
  const box = panel(t('recording'), t('recording.hint'), list);
  box.hidden = true;
  const load = () => filled(list, () => get(state.path('/recording')), (found) => {
    box.hidden = found.state === 'none';
    box.isComplete = found.state !== 'recording';
    return [found.runs.map((run, index) => part(state, run, index + 1)), found.state === 'ready' && removal(state, load)];
  });
  life.seen(LOOK_MS, () => box.isComplete === false && load());
  load();
  return box;
}

function part(state, run, number) {
  const comments = (kind) => `/api/v1${state.path('/comments/export')}?format=${kind}&time=recording&part=${number}`;
  const link = (href, name) => h('a', { class: 'button quiet small', href, download: '' }, icon('down', 16), name);
  // Links carry no session: what not everybody may read cannot be fetched by one.
  const withComments = state.stream.visibility === 'private' ? [] : [link(comments('xml'), t('export.xml')), link(comments('vtt'), 'WebVTT')];
  const words = h('span', null, t('recording.part', { number, from: duration(run.offset_ms), length: duration(run.duration_ms), size: megabytes(run.bytes) }));
  return line(icon('video', 18), words, run.url ? [link(`${here(run.url)}&download=true`, 'MP4'), withComments] : t('recording.open'));
}

function removal(state, load) {
  const remove = async () => {
    if (!(await confirm(t('recording.delete.sure'), t('recording.delete.text'), t('recording.delete')))) return;
    if (await tried(() => del(state.path('/recording')))) load();
  };
  return h('li', { class: 'row' }, h('button', { class: 'button danger', onclick: remove }, t('recording.delete')));
}
