/** Comes last: compares what each role of the stacks may do with what it did in this run. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { type Comparison, comparePermissions, type Permission } from '#local-aws/iam/compare-permissions.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import { USED_BY_SERVICES } from '#local-aws/iam/used-by-services.ts';
import { releasesBucketName } from '../../functions/shared/naming.ts';
import { deliberateDenials } from './deliberate-denials.ts';
import { CHAINS_ENV, missingFiles, type Shown, shareShown } from './scenario-files.ts';
import { isShownElsewhere } from './shown-elsewhere.ts';

const kept = inject('cloud');
/** The emulator reports its calls in the background. */
const TELLING_MS = 1_000;

let found: Comparison;
/** This run, and those that it shares the scenarios with and that have ended: the last of them sees all. */
let shown: readonly Shown[];

/** The same on each local cloud: names that CloudFormation makes end in a part that is drawn. */
const nameOf = ({ role, action, resource }: Permission): string =>
  [role, action, resource].map((text) => text.replaceAll(/-[0-9A-Za-z]{12,13}\b|\b[0-9a-f]{16}\b/g, '-…')).join(' ');

/** The end of an installation: its bucket is emptied. Nothing comes after. */
async function emptyReleases(): Promise<void> {
  const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const FunctionName = Functions.find(
    ({ FunctionName: name }) => name?.startsWith('holdfast-') && name.endsWith('empty-bucket'),
  )?.FunctionName;
  const answers = createServer((request, response) => request.resume().on('end', () => response.end())).listen(0, '127.0.0.1');
  try {
    await once(answers, 'listening');
    const request = {
      RequestType: 'Delete',
      ResponseURL: `http://127.0.0.1:${(answers.address() as AddressInfo).port}/`,
      ...{ StackId: 'test', RequestId: 'test', LogicalResourceId: 'test', PhysicalResourceId: 'test' },
      ResourceProperties: { BucketName: releasesBucketName('holdfast', '000000000000', kept.region) },
    };
    const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }));
    expect(FunctionError).toBeUndefined();
  } finally {
    answers.close();
    lambda.destroy();
  }
}

beforeAll(async () => {
  if (process.env[CHAINS_ENV] !== undefined || missingFiles(shareShown(kept.runFolder, [])).length === 0) await emptyReleases();
  await sleep(TELLING_MS);
  const roles = await readRoles({ ...kept, installation: 'holdfast' });
  found = comparePermissions(roles, readCalls(kept.runFolder), USED_BY_SERVICES, deliberateDenials(kept.runFolder));
  shown = shareShown(kept.runFolder, found.unused.map(nameOf));
});

describe('the roles of the stacks', () => {
  it('were refused nothing', () => {
    expect(found.roles).toBeGreaterThan(10);
    expect(found.calls).toBeGreaterThan(0);
    expect(found.denials).toEqual([]);
  });

  it('may do nothing that no scenario shows, but for what AWS uses on their behalf', ({ skip }) => {
    skip(inject('onlySomeTests') || missingFiles(shown).length > 0, 'scenarios have not run, or run elsewhere and show it when they end');
    const unused = found.unused.filter((permission) => shown.every((run) => run.unused.includes(nameOf(permission))));
    expect(unused.filter((permission) => !isShownElsewhere(permission))).toEqual([]);
  });

  it('need each exemption: one that no role has any more is removed', () => {
    expect(found.serviceUsed).toEqual(USED_BY_SERVICES);
  });
});
