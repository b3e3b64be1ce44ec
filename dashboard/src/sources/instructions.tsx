/** The values to paste into SendGrid's settings. */
import type { Schemas } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { CopyValue } from '../components/copy.tsx';

export function Instructions({ source }: { readonly source: Schemas['EventSource'] }) {
  return (
    <div className="grid gap-4 p-5">
      <CopyValue label="HTTP Post URL" value={source.url} copyLabel="Copy the address" />
      <p className="flex flex-wrap items-center gap-2">
        {source.public_key === null ? (
          <Badge tone="warn">Signatures are not checked</Badge>
        ) : (
          <Badge tone="good">Signatures are checked</Badge>
        )}
      </p>
      <details>
        <summary className="link w-fit cursor-pointer">How to set it up in SendGrid</summary>
        <ol className="grid max-w-prose list-decimal gap-1.5 ps-6 pt-3">
          <li>Open Settings → Mail Settings → Event Webhooks and choose “Create new webhook”.</li>
          <li>Paste the address above into “Post URL”.</li>
          <li>
            Under “Actions to be posted” choose all of them. Filters here decide what goes on to which
            integration.
          </li>
          <li>Leave the authorization method at “None”.</li>
          <li>
            Turn “Signature Verification” on, save, and copy the verification key that SendGrid shows. Choose
            “Edit” here and paste it as the public key.
          </li>
          <li>Set the webhook to enabled and save.</li>
        </ol>
      </details>
    </div>
  );
}
