// The stage: the video, or the cover of a stream that has none; danmaku and reactions over it; controls at its foot.
import { h, fill } from '../core/dom.js';
import { countdown, duration, t, when } from '../core/i18n.js';
import { playable } from '../core/links.js';
import { onPrefs, prefer, prefs } from '../core/prefs.js';
import { cover } from '../components/cover.js';
import { icon, iconButton, popupButton } from '../components/icons.js';
import { badge, viewers } from '../components/live.js';
import { Danmaku } from './danmaku.js';
import { danmakuSettings } from './danmaku-settings.js';
import { Floaters } from './floaters.js';

const IDLE_MS = 2600;

export class Stage {
  constructor(state, life) {
    this.state = state;
    this.danmaku = new Danmaku();
    this.floaters = new Floaters();
    life.add(() => this.danmaku.end());
    this.picture = h('div', { class: 'picture' });
    this.over = h('div', { class: 'stage-over' });
    this.controls = h('div', { class: 'stage-controls' });
    this.element = h('section', { class: 'stage', 'aria-label': t('stage') }, this.picture, this.danmaku.layer, this.floaters.layer, this.over, this.controls);
    this.#controls();
    this.#showIdle(life);
    life.add(state.on('stream', () => this.#draw()));
    life.add(state.on('viewers', () => this.#drawOver()));
    life.every(1000, () => this.#drawOver());
    life.add(onPrefs(() => this.#drawToggle()));
    this.#draw();
  }

  #draw() {
    const { stream } = this.state;
    const url = playable(stream.playback_url, location.href);
    if (this.shownUrl !== url || !this.picture.firstChild) {
      this.shownUrl = url;
      this.video = url ? this.#video(url) : null;
      fill(this.picture, cover(stream.id, 'cover backdrop'), this.video);
      this.element.classList.toggle('with-video', Boolean(url));
      this.#controls();
    }
    this.#drawOver();
  }

  #video(url) {
    const { volume, muted } = prefs();
    const video = h('video', { class: 'video', src: url, playsinline: true, autoplay: true, muted, 'aria-label': this.state.stream.title });
    video.volume = volume;
    video.play?.().catch(() => {
      // Sound needs a gesture first: start silent.
      video.muted = true;
      video.play().catch(() => {});
    });
    for (const type of ['play', 'pause', 'volumechange']) video.addEventListener(type, () => this.#drawPlayer());
    video.addEventListener('error', () => this.element.classList.add('no-video'));
    video.addEventListener('playing', () => this.element.classList.remove('no-video'));
    return video;
  }

  #drawOver() {
    const { stream } = this.state;
    const text = `${stream.status}|${this.state.viewers}|${Math.floor(Date.now() / 1000)}`;
    if (text === this.drawnOver) return;
    this.drawnOver = text;
    const live = stream.status === 'live';
    const time = live && stream.started_at ? h('span', { class: 'badge dim clock' }, duration(this.state.now() - new Date(stream.started_at))) : null;
    fill(this.over, h('div', { class: 'stage-badges' }, badge(stream), live && viewers(this.state.viewers), time), this.#waiting(stream));
  }

  #waiting(stream) {
    if (stream.status !== 'scheduled') return null;
    const left = stream.scheduled_for ? new Date(stream.scheduled_for) - this.state.now() : null;
    return h('div', { class: 'waiting-room' },
      h('div', { class: 'waiting-title', dir: 'auto' }, stream.title),
      h('div', { class: 'waiting-time' }, left > 0 ? countdown(left) : t('soon')),
      h('div', { class: 'waiting-text' }, left > 0 ? t('starts.at', { time: when(stream.scheduled_for) }) : t('waiting')));
  }

  // ---- controls

  #controls() {
    this.toggle = iconButton(null, t('danmaku'), () => prefer({ danmaku: !prefs().danmaku }));
    const settings = popupButton('gear', t('danmaku.settings'), danmakuSettings, { size: 22 });
    this.player = h('div', { class: 'row' });
    this.slot = h('div', { class: 'stage-slot' });
    const full = iconButton('expand', t('fullscreen'), () => this.#fullscreen(), { size: 22 });
    fill(this.controls, this.player, this.slot, h('div', { class: 'row' }, this.toggle, settings, full));
    this.#drawToggle();
    this.#drawPlayer();
  }

  #drawToggle() {
    const on = prefs().danmaku;
    this.toggle.setAttribute('aria-pressed', String(on));
    fill(this.toggle, icon(on ? 'danmaku' : 'danmakuOff', 22));
  }

  #drawPlayer() {
    const { video } = this;
    if (!video) return fill(this.player);
    const turnPlay = () => (video.paused ? video.play().catch(() => {}) : video.pause());
    const turnSound = () => {
      video.muted = !video.muted;
      prefer({ muted: video.muted });
    };
    const sign = video.paused ? 'play' : 'pause';
    const play = iconButton(sign, t(sign), turnPlay, { size: 22 });
    const mute = iconButton(video.muted ? 'mute' : 'sound', t(video.muted ? 'unmute' : 'mute'), turnSound, { size: 22 });
    const level = h('input', { type: 'range', min: 0, max: 1, step: 0.05, value: video.muted ? 0 : video.volume, 'aria-label': t('volume'), class: 'volume' });
    level.addEventListener('change', () => {
      video.volume = Number(level.value);
      video.muted = video.volume === 0;
      prefer({ volume: video.volume, muted: video.muted });
    });
    fill(this.player, play, mute, level);
  }

  #fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element.requestFullscreen?.().catch(() => {});
  }

  /** Controls and badges fade while nothing moves over the picture. */
  #showIdle(life) {
    let timer;
    const wake = () => {
      this.element.classList.remove('idle');
      clearTimeout(timer);
      timer = setTimeout(() => this.element.classList.add('idle'), IDLE_MS);
    };
    for (const type of ['pointermove', 'pointerdown', 'focusin', 'keydown']) this.element.addEventListener(type, wake);
    life.add(() => clearTimeout(timer));
    wake();
  }
}
