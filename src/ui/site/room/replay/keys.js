// The keys of a replay, and of going back in what is live, for who is not writing.

const WRITES = 'input:not([type="range"]), textarea, select, [role="log"], [role="menu"], dialog, [popover]';
const OF_BUTTONS = [' ']; // has a use of its own on what can be pressed
const OF_SLIDERS = [' ', 'ArrowLeft', 'ArrowRight', 'Home', 'End'];
const STEP_MS = 10_000;

/** Does what `acts` has for a key, as long as `life` lasts. */
export function listen(life, acts) {
  life.listen(document, 'keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITES)) return;
    const act = acts[event.key];
    if (!act || isTaken(event)) return;
    event.preventDefault();
    act(event);
  });
}

function isTaken({ key, target }) {
  if (target.closest?.('input')) return OF_SLIDERS.includes(key);
  return OF_BUTTONS.includes(key) && Boolean(target.closest?.('button, a'));
}

/** Those of a replay. */
export function replayKeys(replay, life) {
  const by = (ms) => replay.seek(replay.at + ms);
  const tenths = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [n, () => replay.seek((replay.length * n) / 10)]));
  listen(life, {
    ...tenths,
    ' ': () => replay.toggle(),
    k: () => replay.toggle(),
    j: () => by(-STEP_MS),
    l: () => by(STEP_MS),
    ArrowLeft: ({ shiftKey }) => (shiftKey ? replay.step(false) : by(-STEP_MS)),
    ArrowRight: ({ shiftKey }) => (shiftKey ? replay.step(true) : by(STEP_MS)),
    Home: () => replay.seek(0),
    End: () => replay.seek(replay.length),
  });
}
