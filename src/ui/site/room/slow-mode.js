// The countdown until one may write again: slow mode, or what a refusal asked for.
import { lasting, t } from '../core/i18n.js';

export class SlowMode {
  #until = 0;
  #timer = null;

  constructor(state, life, show) {
    Object.assign(this, { state, show });
    life.add(() => clearInterval(this.#timer));
  }

  leftMs() {
    return Math.max(0, this.#until - performance.now());
  }

  /** One has just written. */
  spoke() {
    const staff = this.state.may('delete');
    const seconds = staff ? 0 : this.state.settings?.slow_mode_s || 0;
    if (seconds) this.wait(seconds * 1000);
  }

  wait(ms) {
    this.#until = Math.max(this.#until, performance.now() + ms);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.refresh(), 250);
    this.refresh();
  }

  /** Draws attention to the number that is already there. */
  nudge() {
    this.refresh();
  }

  refresh() {
    const left = this.leftMs();
    if (left > 0) return this.show(lasting(left));
    clearInterval(this.#timer);
    const seconds = this.state.settings?.slow_mode_s;
    this.show(seconds && !this.state.may('delete') ? t('slow.on', { time: lasting(seconds * 1000) }) : '');
  }
}
