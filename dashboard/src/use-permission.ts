/** What the signed-in person may do in the organization that is looked at. */
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from './api/client.ts';
import { fetchSession, organizationOf, sessionKey } from './api/session.ts';

function useOrganization() {
  const { data: session } = useQuery({
    queryKey: sessionKey,
    queryFn: fetchSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return session ? organizationOf(session) : undefined;
}

export function usePermission(permission: string): boolean {
  return useOrganization()?.permissions.includes(permission) ?? false;
}

/** The one that every session has at least, as long as nothing is known. */
export function useRole(): Schemas['Role'] {
  return useOrganization()?.role ?? 'user';
}

export function useManagesKeys(): boolean {
  // the permissions name no right for keys; whoever may delete integrations may also manage keys
  return usePermission('integrations:delete');
}
