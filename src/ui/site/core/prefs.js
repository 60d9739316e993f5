// What this browser prefers, kept in localStorage; other tabs hear of changes.

const DEFAULTS = {
  danmaku: true,
  opacity: 0.9,
  size: 1,
  speed: 1,
  density: 0.6,
  area: 0.75,
  fold: false,
  stamps: false,
  theatre: false,
  volume: 0.8,
  muted: false,
  style: null,
};
const KEY = 'livehouse.prefs';
const listeners = new Set();
let values = load();

function load() {
  return { ...DEFAULTS, ...keptJson(KEY) };
}

addEventListener('storage', (event) => {
  if (event.key !== KEY) return;
  values = load();
  for (const listener of listeners) listener(values);
});

/** The preferences as they are now. */
export function prefs() {
  return values;
}

/** Changes some and tells everyone. */
export function prefer(change) {
  values = { ...values, ...change };
  keep(KEY, JSON.stringify(values));
  for (const listener of listeners) listener(values);
}

/** Calls back on every change; gives the way to stop. */
export function onPrefs(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps a text, or no longer where it is null: in the browser, or `where` else; storage may be full or forbidden. */
export function keep(key, value, where = 'localStorage') {
  try {
    if (value === null) globalThis[where].removeItem(key);
    else globalThis[where].setItem(key, value);
  } catch {
    // A browser that keeps nothing still works, it only forgets.
  }
}

/** What was kept, or null. */
export function kept(key, where = 'localStorage') {
  try {
    return globalThis[where].getItem(key);
  } catch {
    return null;
  }
}

/** What was kept as JSON, {} where there is none that can be read. */
export function keptJson(key, where = 'localStorage') {
  try {
    return JSON.parse(kept(key, where)) ?? {};
  } catch {
    return {};
  }
}

/** Light or dark, from now on and whatever the system has. */
export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  keep('livehouse.theme', theme);
}

/** Which theme shows now. */
export function shownTheme() {
  return document.documentElement.dataset.theme;
}

/** Whether the reader asked for less motion. */
export function calm() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
