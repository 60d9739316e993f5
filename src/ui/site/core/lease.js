// One tab at a time: by the browser's locks, and by a lease in what the tabs store where there are none (plain http).
import { keep, kept } from './prefs.js';

const LEASE_MS = 8_000; // a tab that was closed in the middle holds up the others no longer than this
const LOOK_MS = 40;
const ME = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16)).join('');

/** Does `work` while no other tab does work of this name. */
export async function exclusively(name, work) {
  if (navigator.locks) return navigator.locks.request(name, work);
  const key = `livehouse.lease.${name}`;
  await taken(key);
  try {
    return await work();
  } finally {
    if (holder(key)?.who === ME) keep(key, null);
  }
}

/** Writes one's name where none is, and looks a moment later whether it stands. */
async function taken(key) {
  const patience = performance.now() + 2 * LEASE_MS;
  while (performance.now() < patience) {
    if (!holder(key)) {
      keep(key, JSON.stringify({ who: ME, until: Date.now() + LEASE_MS }));
      if (!kept(key)) return; // nothing is kept here, so nothing is shared
    }
    await new Promise((done) => setTimeout(done, LOOK_MS * (1 + Math.random())));
    if (holder(key)?.who === ME) return;
  }
}

function holder(key) {
  try {
    const lease = JSON.parse(kept(key));
    return lease && lease.until > Date.now() && lease.until < Date.now() + 2 * LEASE_MS ? lease : null;
  } catch {
    return null;
  }
}
