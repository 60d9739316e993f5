// The tab of the broadcast: this browser, under it what arrives, which so pushes no button away; beside them an encoder.
import { h } from '../../core/dom.js';
import { fromBrowser } from './browser.js';
import { broadcastOf } from './broadcast.js';
import { fromEncoder } from './encoder.js';
import { health } from './health.js';

/** `whole` is the life of the studio, which a broadcast lasts as long as; `life` that of the tab. */
export function section(state, life, whole) {
  const broadcast = broadcastOf(state, whole);
  return h('div', { class: 'columns' }, h('div', { class: 'column' }, fromBrowser(state, broadcast, life), health(state, life, broadcast)), fromEncoder(state));
}
