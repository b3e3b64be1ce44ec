/** Signing in, with an API key or at the organization's own issuer. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, explain } from '../api/failure.ts';
import { chooseOrganization, fetchMethods, type Session, sessionKey, signIn } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { localPath } from '../search.ts';

export function SignIn() {
  const { from = '/', ended } = useSearch({ from: '/sign-in' });
  const session = useQueryClient().getQueryData<Session | null>(sessionKey);
  const methods = useQuery({ queryKey: ['sign-in-methods'], queryFn: fetchMethods });
  useEffect(() => {
    document.title = 'Sign in · Jackfield';
  }, []);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="grid w-full max-w-md gap-6">
        <div className="flex items-center justify-center gap-3 text-2xl font-semibold tracking-tight">
          <img src="/favicon.svg" alt="" width="36" height="36" />
          Jackfield
        </div>
        <div className="panel grid gap-5 p-6 sm:p-8">
          <h1 className="text-xl font-semibold">Sign in</h1>
          {ended && (
            <Notice tone="info" isNews title="Your session has ended">
              <p>Sign in again and you are back where you were.</p>
            </Notice>
          )}
          <KeyForm from={from} />
          {methods.data?.openid_connect && (
            <>
              <p className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
                or
              </p>
              <a
                className="inline-flex min-h-10 items-center justify-center rounded-lg border border-edge px-4 font-medium hover:bg-sunken"
                href={`/session/openid-connect/start?return_to=${encodeURIComponent(from)}`}
              >
                Sign in with your organization
              </a>
              {session?.sign_in === 'api_key' && (
                <p className="text-center text-sm text-muted">
                  This ends the session that you have with{' '}
                  {session.organizations.length === 1 ? 'a key' : 'keys'}.
                </p>
              )}
            </>
          )}
        </div>
        <p className="text-center text-sm text-muted">
          The first key is printed when Jackfield starts for the first time. Later ones are made under “API
          keys”.
        </p>
      </div>
    </main>
  );
}

function KeyForm({ from }: { readonly from: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [key, setKey] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await signIn(key.trim());
      client.clear();
      client.setQueryData(sessionKey, session);
      chooseOrganization(session.last_organization_id);
      // looked at again where it is followed: nobody is to be led to another site after entering a key
      await navigate({ href: localPath(from) ?? '/' });
    } catch (error) {
      const isRefused = error instanceof ApiError && [401, 403, 422].includes(error.status);
      setProblem(
        isRefused
          ? 'This key is unknown, revoked or expired. Check that it was copied as a whole.'
          : explain(error).reason,
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="grid gap-4" onSubmit={(event) => void submit(event)}>
      <TextField
        label="API key"
        help="Begins with bk_live_. It is exchanged for a session and not kept in the browser."
        type="password"
        autoComplete="current-password"
        name="api_key"
        value={key}
        onChange={setKey}
        problem={problem}
        autoFocus
        code
      />
      {problem !== undefined && (
        <p role="alert" className="sr-only">
          {problem}
        </p>
      )}
      <Button type="submit" kind="primary" isDisabled={isBusy || key.trim() === ''}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  );
}
