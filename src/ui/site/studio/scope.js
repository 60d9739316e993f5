// Where something holds: in this stream, or in all streams of its host, which is the channel.
import { h } from '../core/dom.js';
import { get, piece } from '../core/api.js';
import { t } from '../core/i18n.js';

/** Where the API has the channel of a stream's host, or what belongs to it. */
export const channelPath = ({ stream }, rest = '') => `/channels/${piece(stream.host.username)}${rest}`;

/** Whether a moderator may change what holds in the channel, as host and admins may. */
export const mayInChannel = (state) => get(channelPath(state, '/settings')).then(() => true, () => false);

/** The two places of a section, of which one is shown. */
export function scopes(section, isOfChannel) {
  const link = (href, words, isShown) => h('a', { class: 'tab', href, 'aria-current': isShown ? 'page' : null }, t(words));
  return h('nav', { class: 'tabs scopes', 'aria-label': t('scope') }, link(`#${section}`, 'scope.stream', !isOfChannel), link(`#${section}.channel`, 'scope.channel', isOfChannel));
}
