// When a browser wakes up: back on the network, back in sight, back from the cache of pages.

/** Calls `awake` then, and `offline` when the network goes; gives the way to stop. */
export function onWake(awake, offline) {
  if (typeof window === 'undefined') return () => {};
  const seen = () => document.visibilityState === 'hidden' || awake();
  const all = [[window, 'online', seen], [window, 'pageshow', seen], [document, 'visibilitychange', seen], [window, 'offline', offline]];
  for (const [target, type, f] of all) target.addEventListener(type, f);
  return () => all.forEach(([target, type, f]) => target.removeEventListener(type, f));
}
