/** Comes last: compares what each role of the stacks may do with what it did in this run. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { type Comparison, comparePermissions } from '#local-aws/iam/compare-permissions.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import { USED_BY_SERVICES } from '#local-aws/iam/used-by-services.ts';
import { releasesBucketName } from '../../functions/shared/naming.ts';
import { deliberateDenials } from './deliberate-denials.ts';
import { missingFiles } from './scenario-files.ts';
import { isShownElsewhere } from './shown-elsewhere.ts';

const kept = inject('cloud');
/** The emulator reports its calls in the background. */
const TELLING_MS = 1_000;

const missing = inject('onlySomeTests') ? ['tests that the name pattern left out'] : missingFiles(kept.runFolder);
let found: Comparison;

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
  if (missing.length === 0) await emptyReleases();
  await sleep(TELLING_MS);
  const roles = await readRoles({ ...kept, installation: 'holdfast' });
  found = comparePermissions(roles, readCalls(kept.runFolder), USED_BY_SERVICES, deliberateDenials(kept.runFolder));
});

describe('the roles of the stacks', () => {
  it('were refused nothing', () => {
    expect(found.roles).toBeGreaterThan(10);
    expect(found.calls).toBeGreaterThan(0);
    expect(found.denials).toEqual([]);
  });

  it.skipIf(missing.length > 0)('may do nothing that no scenario shows, but for what AWS uses on their behalf', () => {
    expect(found.unused.filter((permission) => !isShownElsewhere(permission))).toEqual([]);
  });

  it('need each exemption: one that no role has any more is removed', () => {
    expect(found.serviceUsed).toEqual(USED_BY_SERVICES);
  });
});
