import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROMETHEUS_FILE, RULES_FOLDER, readPanels, readRules } from '../../../lab/monitoring/checked-queries.ts';
import { ensureMonitoringPrograms } from '../../../setup/set-up.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { runbookAnchors } from '../../runbook.ts';

/** The first use on a machine fetches Prometheus. */
const FETCH_LIMIT_MS = 240_000;
/** The unit tests take 3 s of processor time, for which a loaded machine needs a minute. */
const RUN_LIMIT_MS = 150_000;
const TESTS_FOLDER = path.resolve(RULES_FOLDER, '../tests');

let promtool: string;
beforeAll(async () => {
  if (FULL) ({ promtool } = await ensureMonitoringPrograms());
}, FETCH_LIMIT_MS);

function run(...args: readonly string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8', timeout: RUN_LIMIT_MS });
  return { code: status, output: `${stdout}${stderr}` };
}
const filesOf = (folder: string) => readdirSync(folder).map((name) => path.join(folder, name));
const rules = readRules();
const alerts = rules.filter((rule) => rule.alert !== undefined);

describe('the rules', () => {
  it.runIf(FULL)('are valid, and so is the configuration that loads them', () => {
    expect(run('check', 'rules', ...filesOf(RULES_FOLDER))).toMatchObject({ code: 0 });
    expect(run('check', 'config', PROMETHEUS_FILE)).toMatchObject({ code: 0 });
  });

  it.runIf(FULL)(
    'fire and are silent as their unit tests say',
    () => {
      const { code, output } = run('test', 'rules', ...filesOf(TESTS_FOLDER));
      expect(code, output).toBe(0);
    },
    RUN_LIMIT_MS,
  );

  it('are each seen to fire, and seen to be silent', () => {
    interface Case {
      readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    }
    const cases = filesOf(TESTS_FOLDER)
      .flatMap((file) => (parse(readFileSync(file, 'utf8')) as { tests: Case[] }).tests)
      .flatMap((test) => test.alert_rule_test);
    const seen = (fires: boolean) =>
      new Set(cases.filter((test) => test.exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
    for (const { alert } of alerts)
      expect([alert, seen(true).has(String(alert)), seen(false).has(String(alert))]).toEqual([alert, true, true]);
    expect(alerts.length).toBeGreaterThan(15);
  });

  it('have a pending time, a severity, a summary and a description each, and a name of their own', () => {
    for (const { alert, for: pending, labels, annotations } of alerts) {
      expect(pending, alert).toMatch(/^\d+m$/);
      expect(labels?.['severity'], alert).toMatch(/^(critical|warning)$/);
      expect(annotations?.['summary'], alert).toBeTruthy();
      expect(annotations?.['description'], alert).toMatch(/\.$/);
    }
    const names = rules.map(({ alert, record }) => alert ?? record);
    expect(new Set(names).size).toBe(names.length);
  });

  it('link a heading of the runbook that exists', () => {
    const anchors = runbookAnchors();
    for (const { alert, annotations } of alerts) {
      expect(anchors, alert).toContain(annotations?.['runbook']);
    }
  });

  it('record nothing that no alert and no panel reads', () => {
    const readers = [...rules.map(({ expr }) => expr), ...readPanels().flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))];
    for (const { record } of rules.filter((rule) => rule.record !== undefined))
      expect(readers.filter((expr) => expr.includes(String(record))).length, record).toBeGreaterThan(0);
  });
});
