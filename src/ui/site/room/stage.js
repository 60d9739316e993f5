// The stage: the picture, or the cover of a stream that has none; danmaku and reactions over it; controls at its foot.
import { h, fill } from '../core/dom.js';
import { countdown, duration, t, when } from '../core/i18n.js';
import { onPrefs, prefer, prefs } from '../core/prefs.js';
import { icon, iconButton, popupButton } from '../components/icons.js';
import { badge, viewers } from '../components/live.js';
import { Danmaku } from './danmaku.js';
import { danmakuSettings } from './danmaku-settings.js';
import { Floaters } from './floaters.js';
import { controls } from './player/controls.js';
import { leavesFull, turnFull } from './player/full.js';
import { keys } from './player/keys.js';
import { notice } from './player/notice.js';
import { Player } from './player/player.js';
import { showsTheatre, turnTheatre } from './theatre.js';

const IDLE_MS = 2600;

export class Stage {
  constructor(state, life) {
    this.state = state;
    this.danmaku = new Danmaku();
    this.floaters = new Floaters();
    life.add(() => this.danmaku.end());
    this.picture = new Player(state, life);
    this.over = h('div', { class: 'stage-over' });
    this.controls = h('div', { class: 'stage-controls' });
    this.element = h('section', { class: 'stage', 'aria-label': t('stage') },
      this.picture.element, notice(this.picture, life), this.danmaku.layer, this.floaters.layer, this.over, this.controls);
    this.#controls(life);
    this.#showIdle(life);
    keys(this.picture, this.element, life);
    leavesFull(this.element, life);
    life.add(this.picture.on('change', () => this.#drawPicture()));
    life.add(state.on('stream', () => this.#drawOver()));
    life.add(state.on('viewers', () => this.#drawOver()));
    life.every(1000, () => this.#drawOver());
    life.add(onPrefs(() => this.#drawToggle()));
    this.#drawPicture();
    this.#drawOver();
  }

  /** The element that plays, or null. */
  get video() {
    return this.picture.video;
  }

  #drawPicture() {
    const { path, phase } = this.picture.now;
    this.element.classList.toggle('with-video', path !== null);
    this.element.classList.toggle('no-video', path !== null && phase !== 'playing');
    this.#drawOver();
  }

  #drawOver() {
    const { stream } = this.state;
    const preview = stream.status === 'scheduled' && ['whep', 'hls'].includes(this.picture.now.path);
    const text = `${stream.status}|${preview}|${this.state.viewers}|${Math.floor(Date.now() / 1000)}`;
    if (text === this.drawnOver) return;
    this.drawnOver = text;
    const live = stream.status === 'live';
    const time = live && stream.started_at ? h('span', { class: 'badge dim clock' }, duration(this.state.now() - new Date(stream.started_at))) : null;
    fill(this.over, h('div', { class: 'stage-badges' }, badge(stream), live && viewers(this.state.viewers), preview && h('span', { class: 'badge dim' }, t('preview')), time),
      preview ? null : this.#waiting(stream));
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

  #controls(life) {
    this.toggle = iconButton(null, t('danmaku'), () => prefer({ danmaku: !prefs().danmaku }));
    const settings = popupButton('gear', t('danmaku.settings'), danmakuSettings, { size: 22 });
    const { left, right } = controls(this.picture, life);
    this.player = left;
    this.slot = h('div', { class: 'stage-slot' });
    const theatre = iconButton('theatre', t('theatre'), turnTheatre, { size: 22, class: 'theatre-button', title: `${t('theatre')} (t)` });
    showsTheatre(theatre, life);
    const full = iconButton('expand', t('fullscreen'), () => turnFull(this.element), { size: 22, title: `${t('fullscreen')} (f)` });
    fill(this.controls, this.player, this.slot, h('div', { class: 'row' }, this.toggle, settings, right, theatre, full));
    this.#drawToggle();
  }

  #drawToggle() {
    const on = prefs().danmaku;
    this.toggle.setAttribute('aria-pressed', String(on));
    fill(this.toggle, icon(on ? 'danmaku' : 'danmakuOff', 22));
  }

  /** Controls and badges fade while nothing moves over the picture. */
  #showIdle(life) {
    let timer;
    const wake = () => {
      this.picture.look();
      this.element.classList.remove('idle');
      clearTimeout(timer);
      timer = setTimeout(() => this.element.classList.add('idle'), IDLE_MS);
    };
    for (const type of ['pointermove', 'pointerdown', 'focusin', 'keydown']) this.element.addEventListener(type, wake);
    life.add(() => clearTimeout(timer));
    wake();
  }
}
