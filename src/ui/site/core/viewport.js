// Tells the document how much of it is seen, for its styles.
import { fit } from './fit.js';

/** Keeps the document told: `--covered`, and the classes `low` and `lowest`. */
export function watchViewport() {
  const root = document.documentElement;
  const tell = () => {
    const { covered, low, lowest } = fit(window);
    root.style.setProperty('--covered', `${covered}px`);
    root.classList.toggle('low', low);
    root.classList.toggle('lowest', lowest);
    // Such a browser pushes the page up to show the field, which is in sight already.
    if (covered) scrollTo(0, 0);
  };
  addEventListener('resize', tell);
  window.visualViewport?.addEventListener('resize', tell);
  tell();
}
