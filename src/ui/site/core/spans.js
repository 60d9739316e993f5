// Lengths of time as people type them: "10 min", "1h30", "half an hour", "10 分钟", "一小时半", "off".

const UNITS = [
  [1, 's sec secs second seconds 秒 秒钟'],
  [60, 'm min mins minute minutes 分 分钟'],
  [3600, 'h hr hrs hour hours 时 小时 钟头'],
  [86_400, 'd day days 天 日'],
  [604_800, 'w wk wks week weeks 周 星期'],
  [2_592_000, 'mo month months 月'],
  [31_536_000, 'y yr yrs year years 年'],
];
const SIZES = new Map(UNITS.flatMap(([size, names]) => names.split(' ').map((name) => [name, size])));
const NUMBERS = { a: 1, an: 1, one: 1, half: 0.5, 半: 0.5, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9, 十: 10 };
// "2 and a half hours": the unit stands behind both.
const AND_A_HALF = /(\d+|an?|one) and a half ([a-z]+)/u;
const NEVER = new Set(['off', 'no', 'none', 'never', '关', '关闭', '无']);
const FOREVER = new Set(['forever', 'for good', 'good', 'permanent', 'permanently', '永久', '永远']);
const PIECE = /^(\d+(?:[.,]\d+)?|a half|half an?|half|an?|one|[半一二两三四五六七八九十])\s*个?\s*([a-z]+|秒钟?|分钟?|小时|钟头|时|天|日|周|星期|月|年)?(半)?\s*(?:,|and|又|零)?\s*/u;

/** The seconds that a text means, `Infinity` for good, null where it means none; a number alone counts `unit`s of seconds. */
export function seconds(text, unit = 1) {
  let rest = text.normalize('NFKC').trim().toLowerCase().replace(AND_A_HALF, (_, number, name) => `${amount(number) + 0.5} ${name}`);
  if (NEVER.has(rest)) return 0;
  if (FOREVER.has(rest)) return Infinity;
  if (!rest) return null;
  let [total, size] = [0, null];
  while (rest) {
    const found = PIECE.exec(rest);
    if (!found) return null;
    size = sizeOf(found, size) ?? unit;
    if (!size) return null;
    total += (amount(found[1]) + (found[3] ? 0.5 : 0)) * size;
    rest = rest.slice(found[0].length);
  }
  return Math.round(total);
}

/** What a piece counts; `before` is what the one before it counted, null where there is none: the minutes of "1h30", the hour of "an hour and a half". */
function sizeOf([, number, name], before) {
  if (name) return SIZES.get(name) ?? 0;
  if (before === null) return null;
  return number.endsWith('half') ? before : smaller(before) ?? 0;
}

const amount = (number) => (number.includes('half') ? 0.5 : NUMBERS[number]) ?? Number(number.replace(',', '.'));

/** The next smaller unit, as one leaves it out behind a piece that has one. */
function smaller(size) {
  const at = UNITS.findIndex(([one]) => one === size);
  return UNITS[at - 1]?.[0];
}

/** The whole pieces of a length, largest first: `[[1, 3600], [30, 60]]`. */
export function pieces(length) {
  const found = [];
  let rest = length;
  for (const size of [86_400, 3600, 60, 1]) {
    if (rest >= size) found.push([Math.floor(rest / size), size]);
    rest %= size;
  }
  return found;
}
