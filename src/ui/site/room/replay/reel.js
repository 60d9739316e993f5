// Shows a film in step with the time of its stream: where there is a picture its player leads and comments follow, in a hole the
// picture stands still and time goes on. It knows no comments.

import { end } from './film.js';

const APART_MS = 300; // a player that is further from where it should be is put there
// A player that stands so long, so near to the end of a part, shows no more of it: it may wait there for what never comes.
const STANDS_MS = 700;
const END_MS = 500;

export class Reel {
  #moves = false;
  #at = 0;
  #stood = { shown: null, ms: 0 }; // where the picture was, and for how long it has been there
  #came = null; // the attempt of the player that shows it

  /** `player` is that of the stage, `film` what is shown. */
  constructor(player, film) {
    Object.assign(this, { player, film, rate: 1 });
  }

  /** The element that shows it, once there is a picture in it. */
  get video() {
    const { phase } = this.player.now;
    return phase === 'playing' ? this.player.video : null;
  }

  /** Whether it waits for its first picture. */
  get opens() {
    return this.player.now.phase === 'opening';
  }

  play(moves) {
    this.#moves = moves;
    this.#turn();
  }

  setRate(rate) {
    this.rate = rate;
    this.#turn();
  }

  /** Shows the picture of a moment. */
  seek(ms) {
    this.#at = ms;
    if (this.video) this.video.currentTime = this.film.mediaAt(ms) / 1000;
    this.#turn();
  }

  /** The moment that is shown so many milliseconds after the last. */
  next(elapsedMs) {
    const part = this.film.partAt(this.#at);
    const next = part && this.#leads(part) ? this.#led(part, elapsedMs) : this.#alone(elapsedMs);
    this.#at = Math.max(this.#at, next);
    return this.#at;
  }

  /** Whether the picture stands although it should move: somebody has stopped it where no button of ours is, or the browser has. */
  get isStopped() {
    const { video } = this;
    return Boolean(video) && this.#moves && video.paused && !video.ended && this.film.partAt(this.#at) !== null;
  }

  /** Something about the player has changed. */
  heed() {
    const { phase, attempt } = this.player.now;
    const came = phase === 'playing' ? attempt : null;
    if (came !== this.#came && came !== null) this.settle();
    this.#came = came;
  }

  /** A picture has come, or another player has taken over: it is put where the time is. */
  settle() {
    const { video, film } = this;
    if (!video) return;
    const wanted = film.mediaAt(this.#at);
    if (Math.abs(video.currentTime * 1000 - wanted) > APART_MS) video.currentTime = wanted / 1000;
    this.#turn();
  }

  /** Whether the picture says how late it is; one from elsewhere may end before its stream. */
  #leads(part) {
    return this.opens || (this.video && !(this.video.ended && part.duration_ms === Infinity));
  }

  /** As far as the picture is; it does not wait for one that has not come yet to its part. */
  #led(part, elapsedMs) {
    const { video } = this;
    if (!video) return this.#at;
    const last = this.film.momentOf(part, video.ended ? Infinity : video.currentTime * 1000);
    const shown = this.#standsAtEnd(part, last, elapsedMs) ? end(part) : last;
    if (shown >= end(part)) this.#leave(shown);
    return Math.max(shown, part.offset_ms);
  }

  #standsAtEnd(part, shown, elapsedMs) {
    const isThere = this.#moves && shown === this.#stood.shown;
    this.#stood = { shown, ms: isThere ? this.#stood.ms + elapsedMs : 0 };
    return this.#stood.ms >= STANDS_MS && end(part) - shown <= END_MS;
  }

  /** Its part is over. Where a hole follows it has gone too far: the next part's picture is not to be seen yet. */
  #leave(ms) {
    this.#turnAt(ms);
    if (this.film.partAt(ms) === null) this.video.currentTime = this.film.mediaAt(ms) / 1000;
  }

  /** In a hole, and where no picture comes; the next part is begun at its beginning. */
  #alone(elapsedMs) {
    const next = this.#at + elapsedMs * this.rate;
    const part = this.film.nextPart(this.#at, next);
    if (!part) return next;
    this.seek(part.offset_ms);
    return part.offset_ms;
  }

  #turn() {
    this.#turnAt(this.#at);
  }

  /** Moves the picture or stops it, as is right at a moment. */
  #turnAt(ms) {
    const { video } = this;
    if (!video) return;
    video.playbackRate = this.rate;
    const moves = this.#moves && this.film.partAt(ms) !== null;
    if (!moves) return video.pause();
    if (video.paused && !video.ended) video.play().catch(() => {});
  }
}
