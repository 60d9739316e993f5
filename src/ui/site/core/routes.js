// Which page an address means.

/** The first of `[[pattern, page], …]` that a path matches, with the variable parts of the path as text. */
export function match(routes, path) {
  for (const [pattern, page] of routes) {
    const found = pattern.exec(path);
    const params = found && decoded(found.slice(1));
    if (params) return { page, params };
  }
  return null;
}

/** The parts, or null where one of them is no text. */
function decoded(parts) {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null;
  }
}
