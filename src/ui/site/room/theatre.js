// Theatre mode: the picture and the chat have the whole window, the rest of the page waits below.
import { onPrefs, prefer, prefs } from '../core/prefs.js';

export const turnTheatre = () => prefer({ theatre: !prefs().theatre });

/** As long as `life` lasts the document is as is preferred, and `button` says so. */
export function showsTheatre(button, life) {
  const root = document.documentElement;
  const draw = () => {
    root.classList.toggle('theatre', prefs().theatre);
    button.setAttribute('aria-pressed', String(prefs().theatre));
  };
  life.add(onPrefs(draw));
  life.add(() => root.classList.remove('theatre'));
  draw();
}
