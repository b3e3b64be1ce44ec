/** What surrounds every page: the way to the others, the organization, the theme, and how current the page is. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { onSignedOut } from './api/client.ts';
import { useChanges, useLiveState } from './api/live.ts';
import {
  chooseOrganization,
  fetchSession,
  onChoice,
  organizationOf,
  type Session,
  sessionKey,
  signOut,
} from './api/session.ts';
import { Button, IconButton } from './components/button.tsx';
import { SelectField } from './components/field.tsx';
import { Icon, type IconName } from './components/icon.tsx';
import { Messages } from './components/messages.tsx';
import { type Theme, themes, useTheme } from './theme.ts';

const places = [
  { to: '/', label: 'Overview', icon: 'overview' },
  { to: '/integrations', label: 'Integrations', icon: 'integrations' },
  { to: '/phone-numbers', label: 'Phone numbers', icon: 'phone' },
  { to: '/event-sources', label: 'Event sources', icon: 'source' },
  { to: '/follow', label: 'Follow an event', icon: 'follow' },
  { to: '/api-keys', label: 'API keys', icon: 'key' },
  { to: '/audit-log', label: 'Audit log', icon: 'audit' },
] as const satisfies readonly { to: string; label: string; icon: IconName }[];

export function Shell() {
  const { data: session } = useQuery({
    queryKey: sessionKey,
    queryFn: fetchSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const navigate = useNavigate();
  const client = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() => {
        client.clear();
        client.setQueryData(sessionKey, null);
        void navigate({
          to: '/sign-in',
          search: { from: window.location.pathname + window.location.search, ended: true },
        });
      }),
    [client, navigate],
  );
  if (!session) return null;
  return <SignedIn session={session} />;
}

function SignedIn({ session }: { readonly session: Session }) {
  const [isOpen, setOpen] = useState(false);
  const organizationId = useSyncExternalStore(onChoice, () => organizationOf(session)?.organization_id);
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => setOpen(false), [pathname]);
  useChanges(organizationId ?? '');
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15.5rem_1fr]">
      <a
        href="#content"
        className="fixed start-3 top-3 z-50 -translate-y-20 rounded-lg bg-accent-solid px-4 py-2 text-white focus:translate-y-0"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 flex items-center justify-between border-b bg-surface px-3 py-1.5 lg:hidden">
        <Brand />
        <span className="ms-auto">
          <LiveMark compact />
        </span>
        <IconButton
          icon={isOpen ? 'close' : 'menu'}
          label={isOpen ? 'Close the menu' : 'Open the menu'}
          aria-expanded={isOpen}
          onPress={() => setOpen(!isOpen)}
        />
      </header>
      <aside
        aria-label="Sidebar"
        className={`${isOpen ? 'flex' : 'hidden'} fixed inset-x-0 top-13.5 bottom-0 z-20 flex-col gap-4 overflow-y-auto border-e bg-surface p-3 lg:sticky lg:top-0 lg:flex lg:h-dvh`}
      >
        <div className="hidden px-2 pt-2 lg:block">
          <Brand />
        </div>
        <nav aria-label="Main">
          <ul className="grid gap-0.5">
            {places.map(({ to, label, icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  className="flex min-h-10 items-center gap-3 rounded-lg px-3 text-muted hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold aria-[current=page]:text-accent"
                >
                  <Icon name={icon} />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {/* not one of these pages: it is loaded whole */}
        <a
          href="/docs"
          className="flex min-h-10 items-center gap-3 rounded-lg px-3 text-muted hover:bg-sunken hover:text-text"
        >
          <Icon name="book" />
          API reference
        </a>
        <div className="mt-auto grid gap-3 border-t pt-3">
          <LiveMark />
          <Organizations session={session} />
          <ThemeChoice />
          <Account session={session} />
        </div>
      </aside>
      <main id="content" tabIndex={-1} className="min-w-0">
        {/* another organization is another page: nothing of the one before stays */}
        <div key={organizationId}>
          <Outlet />
        </div>
      </main>
      <Messages />
    </div>
  );
}

function Brand() {
  return (
    <span className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
      <img src="/favicon.svg" alt="" width="26" height="26" />
      Jackfield
    </span>
  );
}

const liveWords = {
  live: { text: 'Live', short: 'Live', ink: 'bg-good' },
  polling: { text: 'Refreshing from time to time', short: 'Refreshing', ink: 'bg-warn' },
  offline: { text: 'Server not reached, trying again', short: 'Server not reached', ink: 'bg-bad' },
} as const;

function LiveMark({ compact = false }: { readonly compact?: boolean }) {
  const { text, short, ink } = liveWords[useLiveState()];
  return (
    <p role="status" className="flex items-center gap-2 px-1 text-sm text-muted">
      <span aria-hidden="true" className={`size-2 rounded-full ${ink}`} />
      {compact ? short : text}
    </p>
  );
}

function Organizations({ session }: { readonly session: Session }) {
  const chosen = organizationOf(session);
  const choices = session.organizations.map(({ organization_id: value, name }) => ({
    value,
    label: name ?? value,
  }));
  return (
    <div className="grid gap-1">
      <SelectField
        label="Organization"
        choices={choices}
        value={chosen?.organization_id ?? ''}
        onChange={chooseOrganization}
      />
      <Link to="/sign-in" className="link px-1 text-sm">
        {/* only the keys of one session add up */}
        {session.sign_in === 'api_key'
          ? 'Add another organization'
          : 'Sign in with a key (ends this session)…'}
      </Link>
    </div>
  );
}

const themeWords: Readonly<Record<Theme, { readonly label: string; readonly icon: IconName }>> = {
  system: { label: 'As the system', icon: 'auto' },
  light: { label: 'Light', icon: 'sun' },
  dark: { label: 'Dark', icon: 'moon' },
};

function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset className="flex rounded-lg border p-0.5">
      <legend className="sr-only">Colours</legend>
      {themes.map((each) => (
        <label
          key={each}
          className="relative flex min-h-8 flex-1 items-center justify-center rounded-md text-muted has-checked:bg-accent-soft has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="theme"
            className="absolute inset-0 cursor-pointer opacity-0"
            checked={theme === each}
            onChange={() => setTheme(each)}
            aria-label={themeWords[each].label}
          />
          <Icon name={themeWords[each].icon} />
        </label>
      ))}
    </fieldset>
  );
}

function Account({ session }: { readonly session: Session }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string>();
  const role = organizationOf(session)?.role.replace('_', ' ');
  const leave = async () => {
    try {
      await signOut();
      client.clear();
      client.setQueryData(sessionKey, null);
      await navigate({ to: '/sign-in' });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'Signing out failed');
    }
  };
  return (
    <div className="flex items-center justify-between gap-2 ps-1">
      <p className="min-w-0 text-sm leading-tight">
        <span className="block truncate">{session.user.name ?? session.user.id}</span>
        <span className="text-muted">{role}</span>
      </p>
      <Button kind="quiet" icon="exit" onPress={() => void leave()}>
        Sign out
      </Button>
      {problem !== undefined && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
    </div>
  );
}
