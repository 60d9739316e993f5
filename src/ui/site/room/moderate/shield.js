// Shield mode: one switch that makes a room under attack quiet, and the way back. It asks nobody itself.

const QUIET = { comments: 'followers', links: 'hold', slow_mode_s: 30 };
const OPEN = { comments: 'users', links: 'allow', slow_mode_s: 0 };
/** Each rule's values, the strictest last. */
const STRICTER = { comments: ['users', 'followers', 'moderators', 'off'], links: ['allow', 'hold', 'reject'] };

/** Whether all of it holds, by whatever way. */
export function isRaised(settings) {
  return Boolean(settings) && Object.entries(QUIET).every(([name, value]) => rank(name, settings[name]) >= rank(name, value));
}

/** What to change, so that it holds: what is strict enough stays as it is. */
export function raised(settings) {
  return Object.fromEntries(Object.entries(QUIET).filter(([name, value]) => rank(name, settings[name]) < rank(name, value)));
}

/** What to change, so that it is as `before`, also where that was the channel's; as open as a room begins where it is not known. */
export function lowered(before) {
  return Object.fromEntries(Object.keys(QUIET).map((name) => [name, isInherited(before, name) ? null : before?.[name] ?? OPEN[name]]));
}

const isInherited = (before, name) => Boolean(before?.own) && !before.own.includes(name);

const rank = (name, value) => (name in STRICTER ? STRICTER[name].indexOf(value) : value);
