// Reactions that rise over the picture. Others' arrive as totals, so the difference rises, a few at a time.
import { h } from '../core/dom.js';
import { calm } from '../core/prefs.js';

export const REACTIONS = { like: '👍', love: '❤️', laugh: '😂', wow: '😮', clap: '👏', fire: '🔥' };
const MAX_NODES = 24;

export class Floaters {
  #pool = [];
  #made = 0;

  constructor() {
    this.layer = h('div', { class: 'floaters', 'aria-hidden': 'true' });
  }

  /** Lets `n` of a kind rise over the next half second. */
  rise(kind, n = 1) {
    if (calm() || document.hidden || !REACTIONS[kind]) return;
    for (let i = 0; i < Math.min(n, 6); i++) this.#one(REACTIONS[kind], i * 90 + Math.random() * 60);
  }

  #one(sign, delay) {
    const node = this.#pool.pop() || (this.#made < MAX_NODES && ++this.#made && this.layer.appendChild(h('span', { class: 'floater' })));
    if (!node) return;
    node.textContent = sign;
    const [start, drift] = [Math.random() * 70, (Math.random() - 0.5) * 60];
    const frames = [
      { transform: `translate(${-start}px, 0) scale(.4)`, opacity: 0 },
      { transform: `translate(${-start + drift / 3}px, -60px) scale(1.1)`, opacity: 1, offset: 0.2 },
      { transform: `translate(${-start + drift}px, -220px) scale(.95)`, opacity: 0 },
    ];
    const animation = node.animate(frames, { duration: 1900 + Math.random() * 700, delay, easing: 'cubic-bezier(.2,.7,.4,1)', fill: 'both' });
    animation.onfinish = () => {
      animation.cancel();
      this.#pool.push(node);
    };
  }
}
