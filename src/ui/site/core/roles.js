// Who may act on whom, as far as the page offers it; the server decides in any case.

/** Whether a role helps to run a room. */
export const isStaff = (role) => ['host', 'moderator', 'admin'].includes(role);

/** Whether `you`, as the room told it, may ban `user`: staff is banned by the host and admins alone, the host by nobody. */
export function mayBan(you, user) {
  if (!you?.can.includes('ban') || user.id === you.user?.id || user.role === 'host') return false;
  return !isStaff(user.role) || you.role === 'host' || you.role === 'admin';
}
