/** Which page is at which address. Pages are loaded when they are first needed. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router';
import { queryClient } from './api/queries.ts';
import { fetchSession, sessionKey } from './api/session.ts';
import { Crashed, NotFound } from './pages/lost.tsx';
import { readAuditSearch, readIntegrationSearch, readSignInSearch, texts } from './search.ts';
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
  validateSearch: readSignInSearch,
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

const integrations = createRoute({
  getParentRoute: () => shell,
  path: '/integrations',
  validateSearch: readIntegrationSearch,
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
  validateSearch: (search) => texts(search, 'tab'),
  component: lazyRouteComponent(() => import('./pages/integration.tsx'), 'IntegrationPage'),
});

const numbers = createRoute({
  getParentRoute: () => shell,
  path: '/phone-numbers',
  validateSearch: (search) => texts(search, 'integration', 'status'),
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
  validateSearch: (search) => texts(search, 'id'),
  component: lazyRouteComponent(() => import('./pages/follow-event.tsx'), 'FollowEvent'),
});

const keys = createRoute({
  getParentRoute: () => shell,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys.tsx'), 'ApiKeys'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit-log',
  validateSearch: readAuditSearch,
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
  // values are texts: an id of digits alone keeps every one of them
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
