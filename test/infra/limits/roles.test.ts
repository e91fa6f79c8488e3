/** How many of an account's roles an installation takes: docs/limits.md and doctor have these numbers. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROLES } from '../../../functions/checks/front.ts';
import { SHARED_LIMITS } from '../../../functions/shared/limits/service-limits.ts';
import { adopted, EXISTING_ADDRESSES, EXISTING_GROUP, EXISTING_INSTANCES, storeAlone } from '../adopted-configs.ts';
import { canaryConfig } from '../canary-config.ts';
import { AWS_CONFIG, EXTENDED_CONFIG, REPOSITORY, SynthesizedApp } from '../synthesized.ts';

const { canary, ...extended } = { canary: canaryConfig(), ...EXTENDED_CONFIG.fleets?.['web'] };

/** Of the fleet, and of what all fleets share. */
async function countRoles(config: Parameters<typeof SynthesizedApp.create>[0]): Promise<{ fleet: number; shared: number }> {
  const app = await SynthesizedApp.create(config);
  try {
    const roles = app.resources('AWS::IAM::Role');
    // The function that shows lines of a fleet's logs is in the stack of incidents.
    const isOfFleet = ({ stackName, logicalId }: (typeof roles)[number]) =>
      stackName.startsWith('holdfast-web-') || logicalId.startsWith('FunctionsLinesOf');
    const fleet = roles.filter(isOfFleet).length;
    return { fleet, shared: roles.length - fleet };
  } finally {
    await app.remove();
  }
}

it('a fleet takes as many as docs/limits.md says, and an account holds the most of them', async () => {
  const counts = {
    listed: await countRoles(adopted(EXISTING_INSTANCES)),
    addresses: await countRoles(adopted(EXISTING_ADDRESSES)),
    group: await countRoles(adopted(EXISTING_GROUP)),
    created: await countRoles(AWS_CONFIG),
    everything: await countRoles({ ...EXTENDED_CONFIG, fleets: { web: { ...extended, canary } } }),
    store: await countRoles(storeAlone()),
  };
  const of = (name: keyof typeof counts) => counts[name].fleet;
  expect(new Set(Object.values(counts).map(({ shared }) => shared))).toEqual(new Set([ROLES.shared]));
  expect([of('everything'), of('addresses')]).toEqual([ROLES.fleet, of('listed')]);
  const fitting = (fleet: number) => Math.floor((SHARED_LIMITS.rolesOfAccount - ROLES.shared) / fleet);
  const canaryRoles = of('everything') - of('created');
  expect(readFileSync(path.join(REPOSITORY, 'docs/limits.md'), 'utf8')).toContain(
    `A fleet takes ${of('listed')} with listed servers, ${of('group')} with an existing group, ${of('created')} with created servers, and ${canaryRoles} more with a canary; what all fleets share takes ${ROLES.shared}. An account that has no other role holds ${fitting(ROLES.fleet)} to ${fitting(of('listed'))} fleets.`,
  );
});
