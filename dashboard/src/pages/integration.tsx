/** One integration: how it is doing, how it is set up, what hangs on it, and everything that can be done with it. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { ApiError } from '../api/failure.ts';
import { deliveryQuery, integrationQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { DeleteDialog } from '../deletion/delete-dialog.tsx';
import { Attempts } from '../integration/attempts.tsx';
import { DeadLetters } from '../integration/dead-letters.tsx';
import { DeliveryTab } from '../integration/delivery-tab.tsx';
import { Settings } from '../integration/settings.tsx';
import { Trail } from '../integration/trail.tsx';
import { Usage } from '../integration/usage.tsx';
import { usePermission } from '../use-permission.ts';
import { providerTitles } from '../words.ts';

export function IntegrationPage() {
  const { id } = useParams({ from: '/shell/integrations/$id' });
  const { tab } = useSearch({ from: '/shell/integrations/$id' });
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const [isDeleted, setDeleted] = useState(false);
  const mayDelete = usePermission('integrations:delete');
  const mayAudit = usePermission('audit_log:read');
  const found = useQuery({ ...integrationQuery(id), enabled: !isDeleted });
  // deleted elsewhere it is not shown as if it were alive; while its own delete is still shown, it stays
  const isGone = found.error instanceof ApiError && [404, 422].includes(found.error.status) && !isDeleting;
  const integration = isGone ? undefined : found.data?.integration;
  const forwards = integration?.category === 'customer_data';
  const delivery = useQuery({ ...deliveryQuery(id), enabled: forwards && !isDeleted });
  const above = (
    <Link to="/integrations" className="link w-fit text-sm">
      All integrations
    </Link>
  );
  if (!integration) {
    return (
      <Page title="Integration" above={above}>
        {found.isPending && <Loading what="the integration" />}
        {isGone && (
          <Notice tone="info" isNews title="There is no such integration">
            <p>
              It may have been deleted. The{' '}
              <Link to="/audit-log" search={{ target_id: id }} className="link">
                audit log
              </Link>{' '}
              knows by whom.
            </p>
          </Notice>
        )}
        {found.isError && !isGone && (
          <FailureNotice
            error={found.error}
            what="The integration could not be loaded"
            onRetry={found.refetch}
          />
        )}
      </Page>
    );
  }
  const tabs = [
    ...(forwards ? ['delivery', 'attempts', 'dead-letters'] : []),
    'settings',
    'usage',
    ...(mayAudit ? ['history'] : []),
  ];
  const shown = tab !== undefined && tabs.includes(tab) ? tab : tabs[0];
  const deadLetters = delivery.data?.dead_letters ?? 0;
  return (
    <Page
      title={integration.name}
      above={above}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {providerTitles[integration.provider] ?? integration.provider}
          <span className="code">{integration.integration_id}</span>
          {integration.status === 'invalid_credentials' && <Badge tone="bad">Credentials refused</Badge>}
          {delivery.data && <StateBadge state={delivery.data.state} />}
        </span>
      }
      actions={
        mayDelete && (
          <Button kind="warning" icon="trash" onPress={() => setDeleting(true)}>
            Delete…
          </Button>
        )
      }
    >
      <Tabs
        selectedKey={shown ?? 'settings'}
        onSelectionChange={(key) => void navigate({ to: '.', search: { tab: String(key) }, replace: true })}
        className="grid gap-5"
      >
        <TabList
          aria-label="Parts of the integration"
          className="-mx-4 flex gap-1 overflow-x-auto border-b px-4 sm:mx-0 sm:px-0"
        >
          {tabs.map((name) => (
            <Tab
              key={name}
              id={name}
              ref={name === shown ? bringIntoView : null}
              className="flex min-h-11 shrink-0 cursor-pointer items-center gap-2 border-b-2 border-transparent px-3 text-muted outline-offset-[-3px] data-hovered:text-text data-selected:border-accent data-selected:font-semibold data-selected:text-accent"
            >
              {tabTitles[name]}
              {name === 'dead-letters' && deadLetters > 0 && <Badge tone="bad">{deadLetters}</Badge>}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="delivery" className="grid gap-5">
          <DeliveryTab id={id} delivery={delivery} />
        </TabPanel>
        <TabPanel id="attempts">
          <Attempts id={id} />
        </TabPanel>
        <TabPanel id="dead-letters">
          <DeadLetters id={id} />
        </TabPanel>
        <TabPanel id="settings" className="grid gap-5">
          <Settings integration={integration} etag={found.data?.etag ?? '*'} />
        </TabPanel>
        <TabPanel id="usage">
          <Usage id={id} />
        </TabPanel>
        <TabPanel id="history">
          <Trail id={id} />
        </TabPanel>
      </Tabs>
      {isDeleting && (
        <DeleteDialog
          ids={[id]}
          onDeleted={() => setDeleted(true)}
          onClose={() => {
            setDeleting(false);
            if (isDeleted) void navigate({ to: '/integrations' });
            // somebody else may have deleted it
            else void found.refetch();
          }}
        />
      )}
    </Page>
  );
}

/** On narrow screens the tabs scroll, and an address may open one far to the side. */
function bringIntoView(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

const tabTitles: Readonly<Record<string, string>> = {
  delivery: 'Delivery',
  attempts: 'Attempts',
  'dead-letters': 'Dead letters',
  settings: 'Settings',
  usage: 'Usage',
  history: 'History',
};
