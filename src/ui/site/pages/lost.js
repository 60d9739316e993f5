// An address that is nobody's.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { title } from '../core/router.js';
import { empty } from '../components/live.js';

export function open(place) {
  title(t('lost'));
  place.main.append(empty('search', t('lost'), t('lost.text'), h('a', { class: 'button primary', href: '/' }, t('home'))));
}
