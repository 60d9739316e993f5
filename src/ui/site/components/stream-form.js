// The form of a stream: made new, or edited. It is loaded when first wanted.
import { h } from '../core/dom.js';
import { LAST_MINUTE, fromTime, toTime } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { field, form, input, select, textarea } from './form.js';
import { tagsIn } from './tags.js';

const VISIBILITIES = ['public', 'unlisted', 'private'];

/** The form itself; `send` gets the body of POST or PATCH. */
export function streamForm(stream, label, send, options) {
  const s = stream || { title: '', description: '', tags: [], visibility: 'public' };
  const scheduled = !stream || stream.status === 'scheduled';
  const fields = [
    field(t('title'), input('title', { value: s.title, autofocus: !stream, dir: 'auto', placeholder: t('title.example') })),
    field(t('description'), textarea('description', { value: s.description, dir: 'auto' })),
    field(t('tags'), input('tags', { value: s.tags.join(', '), dir: 'auto' }), t('tags.hint')),
    h('div', { class: 'pair' },
      field(t('visibility'), select('visibility', VISIBILITIES.map((v) => [v, t(`visibility.${v}`)]), s.visibility), t('visibility.hint')),
      scheduled && field(t('scheduled_for'), input('scheduled_for', { type: 'datetime-local', max: LAST_MINUTE, value: fromTime(s.scheduled_for) }), t('scheduled_for.hint'))),
    field(t('playback_url'), input('playback_url', { type: 'url', inputmode: 'url', value: s.playback_url || '', placeholder: 'https://' }), t('playback_url.hint')),
  ];
  return form(fields, label, (values) => send(body(values, scheduled)), options);
}

function body(values, scheduled) {
  const all = {
    title: values.title,
    description: values.description,
    tags: tagsIn(values.tags),
    visibility: values.visibility,
    playback_url: values.playback_url.trim() || null,
  };
  if (scheduled) all.scheduled_for = toTime(values.scheduled_for, 'scheduled_for');
  return all;
}
