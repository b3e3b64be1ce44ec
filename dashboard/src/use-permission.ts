/** What the signed-in person may do in the organization that is looked at. */
import { useQuery } from '@tanstack/react-query';
import { fetchSession, organizationOf, sessionKey } from './api/session.ts';

export function usePermission(permission: string): boolean {
  const { data: session } = useQuery({
    queryKey: sessionKey,
    queryFn: fetchSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const organization = session && organizationOf(session);
  return organization?.permissions.includes(permission) ?? false;
}

export function useManagesKeys(): boolean {
  // the permissions name no right for keys; whoever may delete integrations may also manage keys
  return usePermission('integrations:delete');
}
