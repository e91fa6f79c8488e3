import { expect, it } from 'vitest';
import { DESCRIPTORS } from '../../../../functions/incidents/contract/mitigations.ts';
import { createMitigations } from '../../../../functions/incidents/mitigate/registry.ts';

const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  HOLDFAST_INSTALLATION: 'holdfast',
  HOLDFAST_RECORDS_TABLE: 'holdfast-records',
  HOLDFAST_INCIDENTS_SETTINGS: JSON.stringify({ keepServersMinutes: 120 }),
  HOLDFAST_RUNBOOK_STATE_MACHINE: 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-runbook',
};
const mitigations = createMitigations(ENVIRONMENT, {});

it('has an undo for exactly those that can be undone', () => {
  const undone = Object.entries(mitigations).flatMap(([name, { undo }]) => (undo ? [name] : []));
  expect(undone.sort()).toEqual(
    Object.keys(mitigations)
      .filter((name) => DESCRIPTORS[name as keyof typeof DESCRIPTORS].undoable)
      .sort(),
  );
  expect(undone).not.toEqual([]);
});

it.each(['restore-stickiness', 'stop-deploy', 'keep-servers', 're-login-page'] as const)(
  'refuses %s of a fleet that is gone',
  async (name) => {
    expect(await mitigations[name]?.plan({ incidentId: 'inc-1', fleet: 'shop' })).toEqual({
      refused: expect.stringContaining('no fleet shop'),
    });
  },
);

it.each(['promote-replica', 'scale-store', 'volatile-eviction'] as const)('refuses %s without a replication group', async (name) => {
  expect(await mitigations[name]?.plan({ incidentId: 'inc-1' })).toEqual({ refused: expect.stringContaining('no replication group') });
});
