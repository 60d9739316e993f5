// Full screen with all that flies over the picture; where no element may have the screen (phones), all of the window.

/** Turns it on or off. */
export function turnFull(element) {
  if (document.fullscreenElement) return document.exitFullscreen();
  if (element.classList.contains('full-window')) return fillWindow(element, false);
  if (!element.requestFullscreen) return fillWindow(element, true);
  return element.requestFullscreen().catch(() => fillWindow(element, true));
}

/** Gives the window back when the page goes on, and for Escape. */
export function leavesFull(element, life) {
  life.add(() => fillWindow(element, false));
  life.listen(document, 'keydown', ({ key }) => key === 'Escape' && !document.querySelector('dialog[open], :popover-open') && fillWindow(element, false));
}

function fillWindow(element, on) {
  element.classList.toggle('full-window', on);
  document.documentElement.classList.toggle('has-full-window', on);
}
