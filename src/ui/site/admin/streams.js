// All streams, also those that are not public: looked into, ended, deleted.
import { h } from '../core/dom.js';
import { del, post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { field, input, select } from '../components/form.js';
import { badge, nameOf, viewers } from '../components/live.js';
import { confirm, tried } from '../components/overlay.js';
import { line, panel } from '../components/panel.js';
import { finder, none } from './find.js';

const STATUSES = ['', 'live', 'scheduled', 'ended'];

export function streams() {
  const list = h('ul', { class: 'lines streams' });
  const fields = [
    field(t('admin.title'), input('q', { type: 'search', maxlength: 100 })),
    field(t('admin.host'), input('host', { autocapitalize: 'none', autocomplete: 'off' })),
    field(t('admin.state'), select('status', STATUSES.map((status) => [status, t(status || 'admin.state.all')]), '')),
  ];
  const { parts, again } = finder(list, '/admin/streams', fields, (items) => (items.length ? items.map((stream) => one(stream, () => again())) : none()));
  return panel(t('admin.streams'), t('admin.streams.hint'), parts);
}

function one(stream, load) {
  const act = async (label, work) => {
    if (await confirm(label, t('admin.sure', { name: stream.title }), label) && await tried(work, t('saved'))) load();
  };
  const words = [
    h('a', { class: 'strong', href: `/s/${stream.id}`, dir: 'auto' }, stream.title), stream.visibility !== 'public' && [' ', h('span', { class: 'tag' }, t(`visibility.${stream.visibility}`))],
    h('div', { class: 'muted small' }, nameOf(stream.host), ' · ', viewers(stream.viewers)),
  ];
  return line(badge(stream), words,
    h('a', { class: 'button quiet small', href: `/s/${stream.id}/studio` }, t('studio')),
    stream.status === 'live' && h('button', { class: 'button quiet small', name: 'end', onclick: () => act(t('end'), () => post(`/streams/${stream.id}/end`)) }, t('end')),
    h('button', { class: 'button danger small', name: 'delete', onclick: () => act(t('admin.delete'), () => del(`/streams/${stream.id}`)) }, t('admin.delete')));
}
