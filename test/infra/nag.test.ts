import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack, aws_s3 as s3, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../../infra/build-app.ts';
import { holdfastConfig } from '../../infra/config.ts';
import { FULL } from '../e2e/full-run.ts';
import {
  adopted,
  BEHIND_A_CREATED_ONE,
  BEHIND_A_LISTENER,
  EXISTING_ADDRESSES,
  EXISTING_GROUP,
  EXISTING_INSTANCES,
  storeAlone,
} from './adopted-configs.ts';
import { canaryConfig } from './canary-config.ts';
import { synthesize } from './synthesize.ts';
import { AWS_CONFIG, cdkContext, EPHEMERAL_CONFIG, QUICK_APP, withoutTraces } from './synthesized.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-nag-'));
  // The findings are in the report; the CDK prints them as well.
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Findings that nothing acknowledges, as `rule path`. */
function findings(build: (app: App) => void): string[] {
  const app = new App({ ...QUICK_APP, outdir: folder, context: cdkContext() });
  withoutTraces(() => build(app));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    withoutTraces(() => app.synth());
  } catch (error) {
    if ((error as Error).name !== 'ValidationFailed') throw error;
  }
  const report = JSON.parse(readFileSync(path.join(folder, 'validation-report.json'), 'utf8')) as Report;
  return report.pluginReports
    .filter(({ pluginName }) => pluginName === 'AwsSolutions')
    .flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
      ),
    );
}

describe('AwsSolutions checks', () => {
  it.runIf(FULL)(
    'find nothing unacknowledged when the CLI synthesizes, in an environment without AWS settings',
    async () => {
      const { code, output } = await synthesize(AWS_CONFIG);
      expect(output).not.toContain('AwsSolutions');
      expect(output).not.toMatch(/ERROR|WARNING/);
      expect(code, output).toBe(0);
    },
    180_000,
  );

  it('find nothing unacknowledged with the configuration for AWS', () => {
    expect(findings((app) => buildApp(app, holdfastConfig.parse(AWS_CONFIG)))).toEqual([]);
  });

  const inEveryRun = [
    ['servers with critical actions and a canary', { ...EXISTING_GROUP, incidents: { criticalActions: true }, canary: canaryConfig() }],
  ] as const;
  const inTheFullRun = [
    ['a listener', BEHIND_A_LISTENER],
    ['a group', EXISTING_GROUP],
    ['instances', EXISTING_INSTANCES],
    ['addresses', EXISTING_ADDRESSES],
    ['servers behind a created load balancer', BEHIND_A_CREATED_ONE],
  ] as const;
  it.each([...inEveryRun, ...(FULL ? inTheFullRun : [])])('find nothing unacknowledged with existing resources: %s', (_, web) => {
    expect(findings((app) => buildApp(app, holdfastConfig.parse(adopted(web))))).toEqual([]);
  });

  it('find nothing unacknowledged where a store is watched alone', () => {
    expect(findings((app) => buildApp(app, holdfastConfig.parse(storeAlone())))).toEqual([]);
  });

  it('find nothing unacknowledged with HTTPS, another engine and an account, but the public buckets planted next to and inside of our stacks: the checks do run, and what is acknowledged there hides nothing new', () => {
    const found = findings((app) => {
      buildApp(app, holdfastConfig.parse(EPHEMERAL_CONFIG));
      new s3.CfnBucket(new Stack(app, 'Planted'), 'Bucket', { publicAccessBlockConfiguration: { blockPublicAcls: false } });
      new s3.CfnBucket(app.node.findChild('holdfast-network') as Stack, 'Bucket', {});
    });
    expect(found).toEqual(
      expect.arrayContaining([
        'AwsSolutions-S1 Planted/Bucket',
        'AwsSolutions-S10 Planted/Bucket',
        'AwsSolutions-S10 holdfast-network/Bucket',
      ]),
    );
    expect(found.filter((finding) => !/ (?:Planted|holdfast-network)\/Bucket$/.test(finding))).toEqual([]);
  });
});
