// The numbers behind the graph of a show.

const MINUTE_MS = 60_000;

/** `[{at, viewers, comments}]` in time. Minutes in which nothing happened are left out by the server; here they are zero. */
export function withoutGaps(minutes) {
  const points = minutes.map(({ minute, viewers, comments }) => ({ at: new Date(minute).getTime(), viewers, comments }));
  const all = [];
  for (const point of points.sort((a, b) => a.at - b.at)) {
    for (let at = (all.at(-1)?.at ?? point.at) + MINUTE_MS; at < point.at; at += MINUTE_MS) all.push({ at, viewers: 0, comments: 0 });
    all.push(point);
  }
  return all;
}

/** The next number that a scale looks good with. */
export function roundUp(n) {
  const step = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 4, 5, 10].map((k) => k * step).find((k) => k >= n);
}
