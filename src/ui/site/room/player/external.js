// A picture from elsewhere: a file by the element itself, HLS by the way that HLS has here.
import { keep, kept } from '../../core/prefs.js';
import { playsHls } from './capable.js';
import { hls } from './hls.js';

const RELOADED = 'livehouse.reloaded';

/** Plays what `url` names into `video`; `tell` hears the machine's events. Gives the way to end it. */
export function external(video, url, tell) {
  if (!/\.m3u8$/i.test(new URL(url).pathname)) return file(video, url);
  if (!playsHls() && isElsewhere(url) && !isLoadedForThisRoom()) reloadOnce(url);
  const watch = ({ effectiveDirective, blockedURI }) => effectiveDirective === 'connect-src' && blockedURI.startsWith(new URL(url).origin) && reloadOnce(url);
  document.addEventListener('securitypolicyviolation', watch);
  const inner = hls(video, url, tell);
  const close = () => {
    document.removeEventListener('securitypolicyviolation', watch);
    inner.close();
  };
  return { ...inner, close };
}

function file(video, url) {
  video.src = url;
  const close = () => {
    video.removeAttribute('src');
    video.load();
  };
  return { close, delay: () => null, catchUp() {} };
}

const isElsewhere = (url) => new URL(url).origin !== location.origin;

/** The policy of a document names the picture of the room that it was loaded for: another room's needs another document. */
function isLoadedForThisRoom() {
  const [{ name } = {}] = performance.getEntriesByType('navigation');
  return name !== undefined && new URL(name).pathname === location.pathname;
}

function reloadOnce(url) {
  if (kept(RELOADED, 'sessionStorage') === url) return;
  keep(RELOADED, url, 'sessionStorage');
  location.reload();
}
