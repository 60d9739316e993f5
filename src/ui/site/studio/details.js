// The stream itself: edited, or removed; and what its host says on the page of the channel.
import { h } from '../core/dom.js';
import { del, get, patch, piece } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go } from '../core/router.js';
import { field, form, input, textarea } from '../components/form.js';
import { confirm, tried } from '../components/overlay.js';
import { filled, panel } from '../components/panel.js';
import { streamForm } from '../components/stream-form.js';
import { channelPath } from './scope.js';

const LINKS = 5; // as many as a channel has

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

export function channelDetails(state) {
  const box = h('div');
  filled(box, () => get(channelPath(state)), (channel) => profile(channel, (changes) => patch(channelPath(state), changes)));
  return panel(t('profile'), t('channel.hint', { name: state.stream.host.display_name }), box);
}

function profile({ bio, links }, send) {
  const part = (name, i, value, more) => input(`${name}${i}`, { value: value ?? '', 'aria-label': t(`link.${name}`, { i: i + 1 }), placeholder: t(`link.${name}`, { i: i + 1 }), ...more });
  const row = (_, i) => h('div', { class: 'pair' }, part('label', i, links[i]?.label, { dir: 'auto' }), part('url', i, links[i]?.url, { type: 'url', inputmode: 'url' }));
  const fields = [
    field(t('bio'), textarea('bio', { value: bio, dir: 'auto' }), t('bio.hint')),
    h('div', { class: 'field', dataset: { field: 'links' } }, h('span', { class: 'label' }, t('links')), Array.from({ length: LINKS }, row), h('p', { class: 'hint' }, t('links.hint')), h('p', { class: 'problem', role: 'alert' })),
  ];
  return form(fields, t('save'), (values) => send({ bio: values.bio, links: linksIn(values) }));
}

/** Those that are written; a link without a name is called by its host. */
function linksIn(values) {
  const all = Array.from({ length: LINKS }, (_, i) => ({ label: values[`label${i}`].trim(), url: values[`url${i}`].trim() }));
  return all.filter(({ url }) => url).map(({ label, url }) => ({ label: label || hostOf(url), url }));
}

const hostOf = (url) => (URL.canParse(url) ? new URL(url).host : url);
