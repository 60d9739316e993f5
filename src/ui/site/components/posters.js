// Pictures of streams on their cards: of those in view alone, at most a dozen at once, and each a minute old at most.
import { get, here } from '../core/api.js';
import { h } from '../core/dom.js';

const MOST = 12;
const REFRESH_MS = 60_000;

const cards = new WeakMap(); // element -> stream
const inView = new Set(); // elements, those that came first before the others
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) isIntersecting ? inView.add(target) : leave(target);
  load();
});
let timer = null;

/** The element for a stream that has a picture now, silent and without controls; what is beneath shows until it has come. */
export function poster(stream) {
  const video = h('video', { class: 'cover card-poster', muted: true, playsinline: true, preload: 'metadata', 'aria-hidden': 'true', tabindex: '-1' });
  video.addEventListener('error', () => leave(video));
  video.addEventListener('loadeddata', () => video.classList.add('has-come'));
  cards.set(video, stream);
  watch.observe(video);
  return video;
}

/** Gives the place of one to another. */
function leave(video) {
  inView.delete(video);
  video.classList.remove('has-come');
  video.removeAttribute('src');
  delete video.dataset.at;
}

/** Loads those that may be shown, and that have none or an old one. */
function load() {
  const now = Date.now();
  for (const video of [...inView].slice(0, MOST)) {
    if (now - Number(video.dataset.at ?? 0) < REFRESH_MS) continue;
    video.dataset.at = now;
    address(cards.get(video)).then((url) => inView.has(video) && (video.src = `${url}?at=${now}`), () => leave(video));
  }
  if (inView.size && !timer) timer = setInterval(() => document.visibilityState === 'visible' && load(), REFRESH_MS / 4);
  if (!inView.size && timer) timer = clearInterval(timer) ?? null;
}

/** What everybody may see has one address; what is private has a ticket in it. */
async function address({ id, visibility }) {
  if (visibility !== 'private') return `/api/v1/streams/${id}/hls/open/poster.mp4`;
  return here((await get(`/streams/${id}/playback`)).poster);
}
