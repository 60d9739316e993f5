// The forms of a webhook: a new one, whose secret is shown once, and what can be changed of one.
import { h, fill } from '../../core/dom.js';
import { patch, post } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { field, form, input, select, toggle } from '../form.js';
import { iconButton } from '../icons.js';
import { copy } from '../overlay.js';

const EVENTS = [
  'stream.created', 'stream.updated', 'stream.started', 'stream.ended', 'stream.deleted', 'comment.created', 'comment.deleted',
  'comments.purged', 'comment.held', 'viewer.banned', 'viewer.unbanned', 'announcement.created', 'poll.closed', 'picture.live',
  'picture.gone', 'recording.ready', 'report.created', 'user.registered',
];
/** What happens to the site, and in no channel. */
const OF_SITE = ['user.registered'];

/** The form of a new one; what is made takes its place. */
export function making(scope, close, load) {
  const box = h('div', null);
  const send = async (values) => {
    const made = await post('/webhooks', { url: values.url, events: events(values), scope, preset: values.preset || null });
    load();
    fill(box, shown(made, close));
    box.querySelector('button')?.focus();
  };
  const fields = [
    field(t('webhooks.url'), input('url', { type: 'url', maxlength: 2000, autofocus: true, inputmode: 'url', placeholder: 'https://' }), t('webhooks.url.hint')),
    field(t('webhooks.preset'), select('preset', [['', t('webhooks.preset.none')], ['discord', 'Discord']], ''), t('webhooks.preset.hint')),
    choices(scope, ['*']),
  ];
  return fill(box, form(fields, t('webhooks.make'), send, { quiet: true }));
}

/** The form that changes one. */
export function editing(webhook, close, load) {
  const send = async (values) => {
    await patch(`/webhooks/${webhook.id}`, { url: values.url, events: events(values) });
    close();
    load();
  };
  const url = field(t('webhooks.url'), input('url', { type: 'url', maxlength: 2000, inputmode: 'url', value: webhook.url }), t('webhooks.url.hint'));
  return form([url, choices(webhook.scope, webhook.events)], t('save'), send);
}

/** All there are, or some: who wants all need not look at them. */
function choices(scope, wanted) {
  const names = EVENTS.filter((name) => scope === 'site' || !OF_SITE.includes(name));
  const some = h('div', { class: 'events', hidden: wanted.includes('*') }, names.map((name) => toggle(`event.${name}`, name, wanted.includes(name))));
  const every = toggle('event.*', t('webhooks.all'), wanted.includes('*'), (event) => { some.hidden = event.target.checked; });
  return h('fieldset', { class: 'field scopes', dataset: { field: 'events' } }, h('legend', { class: 'label' }, t('webhooks.events')), every, some, h('p', { class: 'problem', role: 'alert' }));
}

function events(values) {
  if (values['event.*']) return ['*'];
  return EVENTS.filter((name) => values[`event.${name}`]);
}

/** The secret of one that was made or got another. */
export function shown(made, close) {
  return [
    h('p', { class: 'muted', role: 'status' }, t('webhooks.once')),
    h('div', { class: 'made-key' }, h('code', { class: 'key' }, made.secret), iconButton('copy', t('key.copy'), () => copy(made.secret))),
    h('div', { class: 'row end' }, h('button', { class: 'button primary', onclick: () => close() }, t('done'))),
  ];
}
