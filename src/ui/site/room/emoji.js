// A small choice of emoji; every system has its own full keyboard besides.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { popup } from '../components/overlay.js';

const SIGNS = ('😀 😄 😂 🤣 😊 😍 🥰 😎 🤩 🥳 😜 🤔 🤗 😴 😮 😱 😢 😭 😡 🤯 🙃 😅 😇 🫡 ' +
  '👍 👎 👏 🙌 🙏 💪 👀 🤝 ✌️ 🤘 👋 🫶 ❤️ 🧡 💛 💚 💙 💜 💔 ✨ 🔥 🎉 💯 ⭐ ' +
  '🎵 🎸 🥁 🎤 🎧 🎮 🏆 🚀 🌈 🌸 🍀 🌙 ☕ 🍺 🍕 🍜 🧋 🐱 🐶 🐼 🦊 🐸 🦄 👑').split(' ');

export function emojiPicker(anchor, choose) {
  const button = (sign) => h('button', { class: 'emoji', onclick: () => choose(sign) }, sign);
  popup(anchor, () => h('div', { class: 'emoji-grid' }, SIGNS.map(button)), { className: 'emoji-popup', label: t('emoji'), above: true });
}
