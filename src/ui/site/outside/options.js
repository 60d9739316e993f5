// What the address of an overlay asks for. Its key stands behind the `#`, which no browser sends to a server.

/** `danmaku`, `size` in pixels, `fadeMs` (0: what was said stays), and `key`, null where there is none. */
export function options({ search, hash }) {
  const query = new URLSearchParams(search);
  const number = (name, usual, least, most) => {
    const asked = Number(query.get(name)?.trim() || usual);
    return Number.isFinite(asked) ? Math.min(most, Math.max(least, asked)) : usual;
  };
  return {
    danmaku: query.get('danmaku') === '1',
    size: number('size', 24, 10, 96),
    fadeMs: number('fade_s', 0, 0, 3600) * 1000,
    key: new URLSearchParams(hash.slice(1)).get('key') || null,
  };
}
