// The tab of the broadcast: this browser beside an encoder, and under them what arrives.
import { h } from '../../core/dom.js';
import { fromBrowser } from './browser.js';
import { broadcastOf } from './broadcast.js';
import { fromEncoder } from './encoder.js';
import { health } from './health.js';

/** `whole` is the life of the studio, which a broadcast lasts as long as; `life` that of the tab. */
export function section(state, life, whole) {
  const broadcast = broadcastOf(state, whole);
  return [
    health(state, life, broadcast),
    h('div', { class: 'columns' }, fromBrowser(state, broadcast, life), fromEncoder(state)),
  ];
}
