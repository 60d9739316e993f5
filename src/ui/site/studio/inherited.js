// Rules that a stream has of its own, and those that it has from its channel. It asks nobody.

const NAMES = ['comments', 'slow_mode_s', 'min_account_age_s', 'repeat_window_s', 'links', 'hold_all'];

/** What to change, so that what holds `now` becomes what a form has: `values`, with `inherit.{name}` for those that are to be
 * the channel's. */
export function changes(now, values) {
  const own = new Set(now.own);
  const changed = {};
  for (const name of NAMES) {
    if (values[`inherit.${name}`]) {
      if (own.has(name)) changed[name] = null;
    } else if (values[name] !== now[name] || (`inherit.${name}` in values && !own.has(name))) changed[name] = values[name];
  }
  return changed;
}
