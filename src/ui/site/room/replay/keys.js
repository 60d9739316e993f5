// The keys of a replay, and of going back in what is live, for who is not writing.

const WRITES = 'input, textarea, select, button, [role="log"], dialog, [popover]';
const STEP_MS = 10_000;

/** Does what `acts` has for a key, as long as `life` lasts. */
export function listen(life, acts) {
  life.listen(document, 'keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITES)) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
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
