// A small choice of emoji; every system has its own full keyboard besides.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { popup } from '../components/overlay.js';
import { EMOJI } from './talk/emoji-names.js';


export function emojiPicker(anchor, choose) {
  const button = ({ sign, names }) => h('button', { class: 'emoji', title: `:${names[0]}:`, onclick: () => choose(sign) }, sign);
  popup(anchor, () => h('div', { class: 'emoji-grid' }, EMOJI.map(button)), { className: 'emoji-popup', label: t('emoji'), above: true });
}
