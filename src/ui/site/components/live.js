// Small things that streams look like everywhere: badges, viewer numbers, who hosts.
import { h, said } from '../core/dom.js';
import { ago, count, dayShort, t } from '../core/i18n.js';
import { isStaff } from '../core/roles.js';
import { icon } from './icons.js';

/** LIVE, the time it starts, or that it has ended. */
export function badge(stream) {
  if (stream.status === 'live') return h('span', { class: 'badge live' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), t('live'));
  if (stream.status === 'ended') return h('span', { class: 'badge ended' }, t('ended'));
  return h('span', { class: 'badge soon' }, stream.scheduled_for ? startsIn(stream) : t('scheduled'));
}

function startsIn(stream) {
  const ms = new Date(stream.scheduled_for) - Date.now();
  return ms < 0 ? t('soon') : ms < 864e5 ? ago(stream.scheduled_for) : dayShort(stream.scheduled_for);
}

/** An eye and a number, spelt out for who cannot see the eye. */
export function viewers(n) {
  return h('span', { class: 'viewers' }, icon('eye', 16), h('span', { 'aria-hidden': 'true' }, count(n)), h('span', { class: 'sr' }, t('viewers', { n })));
}

/** A role worth showing beside a name. */
export function roleBadge(role) {
  if (!isStaff(role)) return null;
  return h('span', { class: `role ${role}` }, t(`role.${role}`));
}

/** Says that a bot wrote it; null where none did. */
export const botBadge = (user) => (user?.bot ? h('span', { class: 'role bot' }, t('bot')) : null);

/** The name people see, isolated. */
export const nameOf = (user, className = 'name') => said(user?.display_name || user?.username || t('nobody'), className);

/** An empty place that says what it is for. */
export function empty(iconName, heading, text, ...actions) {
  return h('div', { class: 'empty' }, h('span', { class: 'empty-icon' }, icon(iconName, 30)), h('h2', null, heading), text && h('p', null, text),
    actions.length ? h('div', { class: 'row center' }, actions) : null);
}

/** A grey shape that stands where something is being loaded. */
export const skeleton = (className) => h('div', { class: `skeleton ${className}`, 'aria-hidden': 'true' });
