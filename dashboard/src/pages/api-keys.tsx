/** API keys, of either surface. */
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { RoleKeys } from '../keys/role-keys.tsx';
import { SendGridKeys } from '../keys/sendgrid-keys.tsx';
import { useManagesKeys } from '../use-permission.ts';

export function ApiKeys() {
  const isAllowed = useManagesKeys();
  return (
    <Page title="API keys" lead="For programs and people. A key is shown once, when it is made.">
      {isAllowed ? (
        <>
          <RoleKeys />
          <SendGridKeys />
        </>
      ) : (
        <Notice tone="info" title="Keys are managed by admins and agent managers">
          <p>Your role reads everything else.</p>
        </Notice>
      )}
    </Page>
  );
}
