/** Roles of the Butter surface and what they may do (contract: butter, section 2). */

/** From the weakest to the strongest. */
export const roles = ['user', 'agent_manager', 'admin'] as const;
export type Role = (typeof roles)[number];

export const permissions = [
  'integrations:create',
  'integrations:read',
  'integrations:update',
  'integrations:delete',
  'phone_numbers:create',
  'phone_numbers:read',
  'phone_numbers:update',
  'phone_numbers:delete',
  'audit_log:read',
] as const;
export type Permission = (typeof permissions)[number];

/** Everybody reads; admins and agent managers also write; the audit log is for admins. */
export function allows(role: Role, permission: Permission): boolean {
  if (permission === 'audit_log:read') return role === 'admin';
  return permission.endsWith(':read') || managesKeys(role);
}

/** Whether a role may create, list and revoke API keys at all. */
export function managesKeys(role: Role): boolean {
  return role !== 'user';
}

/** Whether `role` is above `other`. */
export function outranks(role: Role, other: Role): boolean {
  return roles.indexOf(role) > roles.indexOf(other);
}
