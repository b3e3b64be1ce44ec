import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { startApp, type TestApp } from '../support/app.ts';
import { act, unusable } from '../support/delivery.ts';
import { until } from '../support/forwarding.ts';
import { call } from '../support/http.ts';
import { SegmentSink, sinkStatus } from '../support/segment-sink.ts';
import { createSegment, newEvents, postEvents } from '../support/webhook.ts';

const folder = new URL('../../docs/monitoring/', import.meta.url);

const alertsForm = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Jackfield[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[mh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});
const box = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const panelForm = z.object({
  id: z.int(),
  title: z.string(),
  gridPos: box,
  targets: z.array(z.object({ refId: z.string(), expr: z.string() })).optional(),
});
const dashboardForm = z.object({ panels: z.array(panelForm) });

/** What Prometheus itself adds. */
const ofPrometheus = new Set(['up', 'job', 'instance']);
const words = new Set(['sum', 'max', 'by', 'rate', 'increase', 'histogram_quantile', 'topk', 'on', 'unless']);
for (const word of ['or', 'vector', 'le']) words.add(word);

/** Every name in an expression that is neither PromQL's own nor inside a text or a duration. */
function namesIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/"[^"]*"|\[[^\]]*\]|\b[\d.]+\b/g, '');
  return (bare.match(/[a-z_]\w*/gi) ?? []).filter((name) => !words.has(name));
}

describe('the alert rules and the dashboard', () => {
  let app: TestApp;
  let sink: SegmentSink;
  let known: ReadonlySet<string>;

  beforeAll(async () => {
    sink = await SegmentSink.start();
    app = await startApp('embedded', sink.environment);
    known = await namesExposed(app, sink);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const expectKnown = (expression: string) =>
    expect([
      expression,
      namesIn(expression).filter((name) => !known.has(name) && !ofPrometheus.has(name)),
    ]).toEqual([expression, []]);

  it('have their names found', () => {
    const names = namesIn('sum by (le) (rate(jackfield_x_total{job="y z"}[5m])) / 2 > 0.5 or vector(1)');
    expect(names).toEqual(['jackfield_x_total', 'job']);
  });

  it('alert on metrics and labels that are exposed', async () => {
    const { groups } = alertsForm.parse(parse(await readFile(new URL('alerts.yaml', folder), 'utf8')));
    const rules = groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { expr } of rules) expectKnown(expr);
    expect(namesIn(rules.map(({ expr }) => expr).join(' '))).toContain('jackfield_events_missed_total');
  });

  it('show metrics and labels that are exposed, every one of Jackfield’s own', async () => {
    const { panels } = dashboardForm.parse(
      JSON.parse(await readFile(new URL('grafana-dashboard.json', folder), 'utf8')),
    );
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expression of expressions) expectKnown(expression);
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart).toBe(true);
      }
    }
    const shown = new Set(expressions.flatMap(namesIn));
    const own = [...known].filter((name) => /^jackfield_.*(?<!_bucket|_sum|_count)$/.test(name));
    const histograms = (name: string) => shown.has(`${name}_bucket`) || shown.has(name);
    expect(own.filter((name) => !histograms(name))).toEqual(['jackfield_active_deliveries']);
  });
});

/** Names of metrics and of their labels, once there was something to tell of everything. */
async function namesExposed(app: TestApp, sink: SegmentSink): Promise<ReadonlySet<string>> {
  const taken = await createSegment(app);
  const failing = await createSegment(app);
  const paused = await createSegment(app);
  sink.answers.set(failing.writeKey, sinkStatus(500));
  await act(app, paused.id, 'pause');
  await postEvents(app, [...newEvents(2), unusable(), { event: 'open' }]);
  let text = '';
  await until(async () => {
    ({ text } = await call(app, 'GET', '/metrics'));
    for (const name of ['forwarded', 'rejected', 'retried']) {
      expect(text).toContain(`jackfield_events_${name}_total{`);
    }
  });
  expect(sink.takenFor(taken.writeKey).size).toBe(2);
  const metrics = [...text.matchAll(/^(\w+)(?:\{([^}]*)\})? /gm)];
  const families = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);
  const labels = metrics.flatMap(([, , list = '']) =>
    [...list.matchAll(/(\w+)="/g)].map(([, name = '']) => name),
  );
  return new Set([...families, ...metrics.map(([, name = '']) => name), ...labels]);
}
