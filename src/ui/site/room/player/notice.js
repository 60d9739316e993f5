// What is said over the picture while it does not play, and the button for sound where the browser wants a gesture first.
import { fill, h } from '../../core/dom.js';
import { lasting, t } from '../../core/i18n.js';
import { icon } from '../../components/icons.js';

const BUSY = new Set(['starting', 'loading']);
const SIGNS = { none: 'videoOff', stalled: 'pause', failed: 'warn', unsupported: 'warn' };

export function notice(player, life) {
  const words = h('div', { class: 'told-words', role: 'status' });
  const wait = h('span', { class: 'told-wait' });
  const again = h('button', { class: 'button quiet small', onclick: () => player.tell({ type: 'retry' }) }, icon('retry', 18), t('retry.now'));
  const sound = h('button', { class: 'button sound-on', onclick: () => player.turnSound() }, icon('sound', 18), t('sound.on'));
  const box = h('div', { class: 'told', hidden: true }, words, wait, again);
  let said;
  const draw = () => {
    const { says, path, retryInMs } = player.now;
    sound.hidden = !player.needsGesture;
    box.hidden = !says;
    again.hidden = says !== 'failed' && !(says === 'stalled' && path === null);
    wait.textContent = says === 'failed' && retryInMs !== null ? t('picture.again', { time: lasting(retryInMs) }) : '';
    if (said === says) return;
    said = says;
    fill(words, says && [sign(says), h('span', null, t(`picture.${says}`))]);
    box.classList.toggle('corner', says === 'stalled' || BUSY.has(says));
  };
  life.add(player.on('change', draw));
  life.every(1000, draw);
  draw();
  return [box, sound];
}

const sign = (says) => (BUSY.has(says) ? h('span', { class: 'spinner', 'aria-hidden': 'true' }) : icon(SIGNS[says], 20));
