/** The names of integrations that something refers to by id; those that are gone have none. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { choicesQuery, type IntegrationKind, integrationQuery } from './api/queries.ts';

export function useNames(
  ids: readonly (string | null)[],
  kind: IntegrationKind = {},
): ReadonlyMap<string, string> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  // most organizations have few, and one request names them all
  const first = useQuery({ ...choicesQuery(kind, [], ''), enabled: wanted.length > 0 });
  const listed = first.data?.choices ?? [];
  const known = new Set(listed.map((each) => each.integration_id));
  const others = first.data?.hasMore ? wanted.filter((id) => !known.has(id)) : [];
  const found = useQueries({ queries: others.map((id) => integrationQuery(id)) });
  const all = [...listed, ...found.flatMap(({ data }) => data?.integration ?? [])];
  const names = JSON.stringify(all.map(({ integration_id: id, name }) => [id, name]));
  // the same as long as nothing was renamed
  return useMemo(() => new Map<string, string>(JSON.parse(names)), [names]);
}
