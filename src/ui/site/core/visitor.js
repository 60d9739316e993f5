// Who a visitor is to the site, which decides what they are told to do.

/** Who a visitor is to the site: `newcomer` (may register, then host), `fan` (may register), `stranger` (may log in at most), `host`, or
 * `viewer`, who may not host. */
export function visitorOf(user, { registration, streams_by: by, may_host: mayHost = true }) {
  if (user) return mayHost ? 'host' : 'viewer';
  if (registration === 'closed') return 'stranger';
  return by === 'granted' ? 'fan' : 'newcomer';
}
