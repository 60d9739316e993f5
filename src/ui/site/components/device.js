// Reads from what a browser or an encoder calls itself what a person would call it.

const BROWSERS = [['OBS', /\bOBS\b/], ['Edge', /Edg(A|iOS)?\//], ['Opera', /OP[RTX]\//], ['Firefox', /(Firefox|FxiOS)\//], ['Samsung Internet', /SamsungBrowser\//], ['Chrome', /(Chrom(e|ium)|CriOS)\//], ['Safari', /Safari\//], ['curl', /^curl/]];
const SYSTEMS = [['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['Windows', /Windows/], ['macOS', /Mac OS X/], ['Linux', /Linux/]];

/** `{name: 'Firefox · Windows', phone}`; what is not recognised is shown as it is, shortened. */
export function device(agent) {
  const of = (table) => table.find(([, pattern]) => pattern.test(agent || ''))?.[0];
  const parts = [of(BROWSERS), of(SYSTEMS)].filter(Boolean);
  return { name: parts.join(' · ') || (agent || '—').slice(0, 60), phone: /iPhone|Android.*Mobile/.test(agent || '') };
}
