// The picture by HLS: the browser's own where that is good, else by hls.js, which is loaded when it is first wanted.
import { part } from '../../components/load.js';
import { playsHls } from './capable.js';

const BEHIND_S = 8; // so far behind after a pause, it jumps to where the picture is now
const KEPT = { enableWorker: false, lowLatencyMode: false, backBufferLength: 60 };
const SETTINGS = { enableWorker: false, lowLatencyMode: true, backBufferLength: 30, maxLiveSyncPlaybackRate: 1.1 };

/** Plays into `video`; `tell` hears the machine's events. What was kept begins `from` so many seconds. Gives the way to end it. */
export function hls(video, url, tell, from = null) {
  return playsHls() ? byItself(video, url, from) : byScript(video, url, tell, from);
}

/** By the browser; the element itself says what fails. */
function byItself(video, url, from) {
  video.src = url;
  if (from) video.currentTime = from;
  return { close: () => leave(video), delay: () => null, catchUp() {} };
}

function byScript(video, url, tell, from) {
  let player = null;
  let closed = false;
  part(() => import('../../vendor/hls/hls.light.min.mjs'), () => {}).then((module) => {
    if (closed) return;
    if (!module) return tell({ type: 'failed' });
    player = load(module.default, video, url, tell, from);
  });
  return {
    close() {
      closed = true;
      player?.destroy();
      leave(video);
    },
    delay: () => (player?.latency > 0 ? player.latency : null),
    catchUp() {
      if (from === null && player?.latency > BEHIND_S && player.liveSyncPosition) video.currentTime = player.liveSyncPosition;
    },
  };
}

function load(Hls, video, url, tell, from) {
  const player = new Hls(from === null ? SETTINGS : { ...KEPT, startPosition: from });
  let mended = false;
  player.on(Hls.Events.ERROR, (_event, { fatal, type }) => {
    if (!fatal) return;
    if (type !== Hls.ErrorTypes.MEDIA_ERROR || mended) return tell({ type: 'failed' });
    mended = true;
    player.recoverMediaError();
  });
  player.loadSource(url);
  player.attachMedia(video);
  return player;
}

function leave(video) {
  video.removeAttribute('src');
  video.load();
}
