// Sends a picture by WebRTC: WHIP, one offer and one answer; again by itself where the connection breaks.
import { offer, query, withdraw } from '../../core/api.js';
import { Emitter, Timers, backoff } from '../../livehouse/small.js';
import { preferred, withStereo } from '../../room/player/sdp.js';

const MOST_BITS = 2_500_000;
const AWAY_MS = 5_000;
const AGAIN_MS = [500, 8_000];
const FINAL = new Set([401, 403, 404, 409, 422]);

/** Emits `change` as `state` does: off, connecting, on, lost; `refused` with the reason where the server lets it in no more. */
export class Sender extends Emitter {
  #peer = null;
  #session = null;
  #timers = new Timers();
  #tries = 0;
  state = 'off';

  /**
   * `path`: where WHIP is; `tracks`: gives picture and sound as they are now; `iceServers`: gives those of the server;
   * `isServed`: whether the server is there, so that whom it closes is sent away.
   */
  constructor({ path, tracks, iceServers, isServed }) {
    super();
    Object.assign(this, { path, tracks, iceServers, isServed });
  }

  /** Resolves once the server has taken it, or it was stopped meanwhile. */
  async start({ takeover = false } = {}) {
    this.#become('connecting');
    try {
      await this.#connect(takeover);
    } catch (error) {
      if (this.state === 'off') return;
      this.stop();
      throw error;
    }
  }

  stop() {
    this.#timers.stopAll();
    this.#leave();
    this.#tries = 0;
    this.#become('off');
  }

  /** Sends another track in the place of the one of its kind. */
  async replace(track) {
    const sender = this.#peer?.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender;
    await sender?.replaceTrack(track);
  }

  async #connect(takeover) {
    const iceServers = await this.iceServers();
    if (this.state === 'off') return;
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.#peer = peer;
    const { picture, sound } = this.tracks();
    const video = peer.addTransceiver(picture ?? 'video', { direction: 'sendonly', sendEncodings: [{ maxBitrate: MOST_BITS }] });
    const { codecs } = RTCRtpSender.getCapabilities('video');
    video.setCodecPreferences?.(preferred(codecs, 'video/h264'));
    peer.addTransceiver(sound ?? 'audio', { direction: 'sendonly' });
    peer.addEventListener('connectionstatechange', () => this.#peer === peer && this.#heard(peer.connectionState));
    const { sdp } = await peer.createOffer();
    const mine = withStereo(sdp);
    await peer.setLocalDescription({ type: 'offer', sdp: mine });
    const answer = await offer(query(this.path, { takeover: takeover || null }), mine);
    if (this.#peer !== peer) return withdraw(answer.session);
    this.#session = answer.session;
    await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    video.sender.transport?.addEventListener('statechange', ({ target }) => this.#peer === peer && target.state === 'closed' && this.#closed());
  }

  #heard(state) {
    if (state === 'connected') {
      this.#timers.stopAll();
      this.#tries = 0;
      this.#become('on');
    } else if (state === 'disconnected') this.#timers.set('away', AWAY_MS, () => this.#again());
    else if (state === 'failed') this.#again();
  }

  /**
   * The server has closed it, which DTLS tells at once; the connection itself would notice in ten seconds. Who was sent away
   * stays away, also where the place is free again by then; a server that goes closes rooms first, and may come back.
   */
  #closed() {
    if (!this.isServed()) return this.#again();
    this.stop();
    this.emit('refused', { code: 'conflict' });
  }

  #again() {
    this.#leave();
    this.#become('lost');
    this.#tries += 1;
    this.#timers.set('again', backoff(this.#tries, AGAIN_MS), () => this.#connect(false).catch((error) => this.state === 'lost' && this.#failed(error)));
  }

  /** Who has taken its place meanwhile keeps it: two that take over from each other would never end. */
  #failed(error) {
    if (!FINAL.has(error.status)) return this.#again();
    this.stop();
    this.emit('refused', error);
  }

  #leave() {
    this.#peer?.close();
    this.#peer = null;
    if (this.#session) withdraw(this.#session);
    this.#session = null;
  }

  #become(state) {
    this.state = state;
    this.emit('change');
  }
}
