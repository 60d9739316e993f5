// The buttons of what plays: play, sound, how far behind it is and what to prefer, picture in picture.
import { fill, h } from '../../core/dom.js';
import { t } from '../../core/i18n.js';
import { iconButton, icon } from '../../components/icons.js';
import { menu } from '../../components/overlay.js';

const BIG = { size: 22 };

/** Those at the left, and those at the right; they are there while something plays. */
export function controls(player, life) {
  const left = h('div', { class: 'row' });
  const right = h('div', { class: 'row' });
  const delay = h('button', { class: 'delay', title: t('delay.choose'), 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: ({ currentTarget }) => choice(currentTarget, player) });
  const level = h('input', { type: 'range', min: 0, max: 1, step: 0.05, 'aria-label': t('volume'), class: 'volume' });
  level.addEventListener('input', () => player.setVolume(Number(level.value)));
  let drawn;
  const draw = () => {
    const { video } = player;
    const floats = Boolean(video) && document.pictureInPictureElement === video;
    const looks = video ? [video.paused, video.muted, floats].join() : 'none';
    drawDelay(delay, player.now);
    if (video) level.value = video.muted ? 0 : video.volume;
    if (looks === drawn) return;
    drawn = looks;
    if (!video) return fill(left), fill(right);
    const focus = document.activeElement?.dataset.control;
    fill(left, playButton(player), soundButton(player), level, delay);
    fill(right, floatButton(video));
    if (focus) left.querySelector(`[data-control="${focus}"]`)?.focus();
  };
  life.add(player.on('change', draw));
  life.every(1000, draw);
  draw();
  return { left, right };
}

function playButton(player) {
  const sign = player.video.paused ? 'play' : 'pause';
  return iconButton(sign, t(sign), () => player.turnPlay(), { ...BIG, title: `${t(sign)} (k)`, dataset: { control: 'play' } });
}

function soundButton(player) {
  const { muted } = player.video;
  const label = t(muted ? 'unmute' : 'mute');
  return iconButton(muted ? 'mute' : 'sound', label, () => player.turnSound(), { ...BIG, title: `${label} (m)`, dataset: { control: 'sound' } });
}

/** Nothing flies over a picture in picture: that is the browser's own window. */
function floatButton(video) {
  if (!document.pictureInPictureEnabled) return null;
  const turn = () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => {});
  return iconButton('float', t('picture.float'), turn, BIG);
}

function drawDelay(button, { path, delay }) {
  const text = path === 'whep' ? t('delay.none') : delay === null ? t('delay') : t('delay.seconds', { seconds: delay.toFixed(delay < 10 ? 1 : 0) });
  button.hidden = path !== 'whep' && path !== 'hls' && delay === null;
  button.disabled = path === 'external';
  if (button.textContent !== text) fill(button, h('span', null, text), icon('chevron', 14));
}

function choice(anchor, player) {
  const { chosen } = player.now;
  const item = (what) => ({ label: t(`delay.${what}`), icon: what === chosen ? 'check' : 'blank', run: () => player.choose(what) });
  menu(anchor, [item('low'), item('stable')], { label: t('delay.choose'), above: true });
}
