// The keys of a replay, for who is not writing.

const WRITES = 'input, textarea, select, button, [role="log"], dialog, [popover]';
const STEP_MS = 10_000;

/** Listens for them as long as `life` lasts. */
export function replayKeys(replay, life) {
  const by = (ms) => replay.seek(replay.at + ms);
  const acts = {
    ' ': () => replay.toggle(),
    k: () => replay.toggle(),
    j: () => by(-STEP_MS),
    l: () => by(STEP_MS),
    ArrowLeft: ({ shiftKey }) => (shiftKey ? replay.step(false) : by(-STEP_MS)),
    ArrowRight: ({ shiftKey }) => (shiftKey ? replay.step(true) : by(STEP_MS)),
    Home: () => replay.seek(0),
    End: () => replay.seek(replay.length),
  };
  life.listen(document, 'keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITES)) return;
    const act = /^[0-9]$/.test(event.key) ? () => replay.seek((replay.length * Number(event.key)) / 10) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}
