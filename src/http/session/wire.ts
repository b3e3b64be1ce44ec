/** A session as its browser sees it. */
import { allows, permissions } from '../../core/roles.ts';
import { csrfTokenOf, type Session } from '../../core/session.ts';

export function sessionToWire(token: string, session: Session) {
  const { signIn, expiresAt, user, organizations, lastOrganizationId } = session;
  return {
    csrf_token: csrfTokenOf(token),
    expires_at: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    sign_in: signIn,
    user,
    organizations: organizations.map(({ organizationId, name, role }) => ({
      organization_id: organizationId,
      name,
      role,
      permissions: permissions.filter((permission) => allows(role, permission)),
    })),
    last_organization_id: lastOrganizationId,
  };
}
