// Who a visitor is to the site, which decides what they are told to do.
import { get } from './api.js';

/** As everybody may anywhere: what is shown where the site does not say. */
const USUAL = { registration: 'open', streams_by: 'everyone' };

/** What the site lets the caller do; as most do where it cannot be asked. */
export const rulesOfSite = () => get('/site').catch(() => USUAL);

/** Who a visitor is to the site: `newcomer` (may register, then host), `fan` (may register), `stranger` (may log in at most), `host`, or
 * `viewer`, who may not host. */
export function visitorOf(user, { registration, streams_by: by, may_host: mayHost = true }) {
  if (user) return mayHost ? 'host' : 'viewer';
  if (registration === 'closed') return 'stranger';
  return by === 'granted' ? 'fan' : 'newcomer';
}
