/** Which page is at which address. Pages are loaded when they are first needed. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { queryClient } from './api/queries.ts';
import { fetchSession, sessionKey } from './api/session.ts';
import { Crashed, NotFound } from './pages/lost.tsx';
import { Shell } from './shell.tsx';

const loadSession = async () =>
  await queryClient.ensureQueryData({
    queryKey: sessionKey,
    queryFn: fetchSession,
    staleTime: Number.POSITIVE_INFINITY,
  });

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { readonly from?: string; readonly ended?: boolean } => ({
    ...(isLocalPath(search['from']) && { from: search['from'] }),
    ...(search['ended'] === true && { ended: true }),
  }),
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignIn'),
});

const shell = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    const session = await loadSession();
    if (session === null) throw redirect({ to: '/sign-in', search: { from: location.href } });
  },
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview.tsx'), 'Overview'),
});

export interface IntegrationSearch {
  readonly search?: string;
  readonly provider?: string;
  readonly category?: string;
  readonly state?: string;
  readonly sort?: string;
}

const integrations = createRoute({
  getParentRoute: () => shell,
  path: '/integrations',
  validateSearch: (search): IntegrationSearch =>
    texts(search, ['search', 'provider', 'category', 'state', 'sort']),
  component: lazyRouteComponent(() => import('./pages/integrations.tsx'), 'Integrations'),
});

const newIntegration = createRoute({
  getParentRoute: () => shell,
  path: '/integrations/new',
  component: lazyRouteComponent(() => import('./pages/new-integration.tsx'), 'NewIntegration'),
});

const integration = createRoute({
  getParentRoute: () => shell,
  path: '/integrations/$id',
  validateSearch: (search): { readonly tab?: string } => texts(search, ['tab']),
  component: lazyRouteComponent(() => import('./pages/integration.tsx'), 'IntegrationPage'),
});

const numbers = createRoute({
  getParentRoute: () => shell,
  path: '/phone-numbers',
  validateSearch: (search): { readonly integration?: string; readonly status?: string } =>
    texts(search, ['integration', 'status']),
  component: lazyRouteComponent(() => import('./pages/phone-numbers.tsx'), 'PhoneNumbers'),
});

const sources = createRoute({
  getParentRoute: () => shell,
  path: '/event-sources',
  component: lazyRouteComponent(() => import('./pages/event-sources.tsx'), 'EventSources'),
});

const events = createRoute({
  getParentRoute: () => shell,
  path: '/follow',
  validateSearch: (search): { readonly id?: string } => texts(search, ['id']),
  component: lazyRouteComponent(() => import('./pages/follow-event.tsx'), 'FollowEvent'),
});

const keys = createRoute({
  getParentRoute: () => shell,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys.tsx'), 'ApiKeys'),
});

export interface AuditSearch {
  readonly action?: string;
  readonly actor?: string;
  readonly target_id?: string;
  readonly target_type?: string;
  readonly from?: string;
  readonly to?: string;
}

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit-log',
  validateSearch: (search): AuditSearch =>
    texts(search, ['action', 'actor', 'target_id', 'target_type', 'from', 'to']),
  component: lazyRouteComponent(() => import('./pages/audit-log.tsx'), 'AuditLog'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signIn,
    shell.addChildren([
      overview,
      integrations,
      newIntegration,
      integration,
      numbers,
      sources,
      events,
      keys,
      audit,
    ]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function texts<Name extends string>(
  search: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): { readonly [name in Name]?: string } {
  const given = names.flatMap((name) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? [[name, value]] : [];
  });
  return Object.fromEntries(given);
}

/** Nothing that leads to another site. */
function isLocalPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value);
}
