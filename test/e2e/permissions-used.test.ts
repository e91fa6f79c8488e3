/** Comes last: compares what each role of the stacks may do with what it did in this run. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Comparison, comparePermissions } from '../../local/iam/compare-permissions.ts';
import { readCalls } from '../../local/iam/read-calls.ts';
import { readRoles } from '../../local/iam/read-roles.ts';
import { USED_BY_SERVICES } from '../../local/iam/used-by-services.ts';
import { deliberateDenials } from './deliberate-denials.ts';
import { missingFiles } from './scenario-files.ts';

const kept = inject('cloud');
/** The emulator tells of its calls in the background. */
const TELLING_MS = 1_000;

const missing = inject('onlySomeTests') ? ['tests that the name pattern left out'] : missingFiles(kept.runFolder);
let found: Comparison;

beforeAll(async () => {
  await sleep(TELLING_MS);
  const roles = await readRoles({ ...kept, installation: 'holdfast' });
  found = comparePermissions(roles, readCalls(kept.runFolder), USED_BY_SERVICES, deliberateDenials(kept.runFolder));
  const report = process.env['HOLDFAST_IAM_REPORT'];
  if (report) writeFileSync(report, JSON.stringify({ ...found, missing }));
});

describe('the roles of the stacks', () => {
  it('were refused nothing', () => {
    expect(found.roles).toBeGreaterThan(10);
    expect(found.calls).toBeGreaterThan(0);
    expect(found.denials).toEqual([]);
  });

  it.skipIf(missing.length > 0)('may do nothing that no scenario shows, but for what AWS uses on their behalf', () => {
    expect(found.unused).toEqual([]);
  });

  it('need each exemption: one that no role has any more is removed', () => {
    expect(found.serviceUsed).toEqual(USED_BY_SERVICES);
  });
});
