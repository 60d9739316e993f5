// The keys of the player, for who is not writing.
import { prefer, prefs } from '../../core/prefs.js';
import { turnFull } from './full.js';

const WRITES = 'input:not([type="range"]), textarea, select, [role="log"], [role="menu"], dialog, [popover]';
const ACTS = 'button, a, input'; // what has a use of its own for these
const OF_CONTROLS = [' ', 'ArrowUp', 'ArrowDown'];
const STEP = 0.1;

/** Listens for them as long as `life` lasts; a replay has its own for play and for time. */
export function keys(player, stage, life) {
  const louder = (by) => player.video && player.setVolume(Math.min(1, Math.max(0, Number(((player.video.muted ? 0 : player.video.volume) + by).toFixed(2)))));
  const acts = {
    k: () => player.turnPlay(),
    ' ': () => player.turnPlay(),
    m: () => player.turnSound(),
    f: () => turnFull(stage),
    c: () => prefer({ danmaku: !prefs().danmaku }),
    t: () => prefer({ theatre: !prefs().theatre }),
    ArrowUp: () => louder(STEP),
    ArrowDown: () => louder(-STEP),
  };
  life.listen(document, 'keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITES)) return;
    if (OF_CONTROLS.includes(event.key) && event.target.closest?.(ACTS)) return;
    const replayed = stage.classList.contains('replaying') && (event.key === ' ' || event.key === 'k');
    const act = !replayed && acts[event.key];
    if (!act || (!player.video && ![acts.f, acts.c, acts.t].includes(act))) return;
    event.preventDefault();
    act();
  });
}
