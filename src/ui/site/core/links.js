// Which addresses a page may lead to or play.

/** A link to this site, or to another by https or http; anything else becomes harmless. */
export const safeHref = (value) => (/^(\/(?!\/)|#|https?:\/\/)/.test(value) ? value : '#');

/** Only https reaches the video element, and the files of the site at `here`; null where there is nothing to play. */
export function playable(url, here) {
  try {
    if (!url) return null;
    const parsed = new URL(url, here);
    return parsed.protocol === 'https:' || parsed.origin === new URL(here).origin ? parsed.href : null;
  } catch {
    return null;
  }
}
