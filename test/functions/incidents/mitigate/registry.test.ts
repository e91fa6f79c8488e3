import { expect, it } from 'vitest';
import { DESCRIPTORS, MITIGATIONS, type MitigationName } from '../../../../functions/incidents/contract/mitigations.ts';
import { createMitigate } from '../../../../functions/incidents/mitigate/mitigation-steps.ts';
import { createMitigations } from '../../../../functions/incidents/mitigate/registry.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

const ID = 'inc-000000000001';
const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-runbook';
const EXECUTION = `${MACHINE.replace(':stateMachine:', ':execution:')}:${ID}-1`;
const ENVIRONMENT = {
  HOLDFAST_INSTALLATION: 'holdfast',
  HOLDFAST_RECORDS_TABLE: 'holdfast-records',
  HOLDFAST_INCIDENTS_SETTINGS: JSON.stringify({ keepServersMinutes: 120 }),
  HOLDFAST_RUNBOOK_STATE_MACHINE: MACHINE,
};
const mitigations = createMitigations(ENVIRONMENT, {});

it('has an undo for exactly those that can be undone', () => {
  const undone = MITIGATIONS.filter((name) => mitigations[name].undo);
  expect(undone).toEqual(MITIGATIONS.filter((name) => DESCRIPTORS[name].undoable));
  expect(undone).not.toEqual([]);
});

/** Why the step of the plan, before or after the report, refuses it. */
async function refusalOf(name: MitigationName): Promise<string | undefined> {
  const records = memoryIncidentRecords();
  await records.ensureIncident({ incidentId: ID, fingerprint: 'logged-out', runbook: 'logged-out', openedAtMs: 1 });
  await records.beginRun(ID, 1, EXECUTION, 1);
  const log = { info: () => {}, warn: () => {} };
  const mitigate = createMitigate({ mitigations, records, log, now: () => 1, mitigationsPerHour: 3, stateMachineArn: MACHINE });
  const run = { incidentId: ID, runbook: 'logged-out', fleets: ['shop'], fromMs: 0, toMs: 1, firstSignMs: 1, run: 1 } as const;
  const decision = { key: name, name, mode: 'auto', target: { incidentId: ID, fleet: 'shop' }, reason: '' } as const;
  await mitigate({ step: 'plan', run: { ...run, executionArn: EXECUTION, dryRun: false }, decision, isAfter: true });
  const { state, detail } = (await records.getIncident(ID))?.mitigations[name] ?? {};
  return state === 'refused' ? detail : undefined;
}

it.each(['restore-stickiness', 'stop-deploy', 're-login-page'] as const)('refuses %s of a fleet that is gone', async (name) => {
  expect(await refusalOf(name)).toBe('the installation has no fleet shop; nothing was changed');
});

it.each(['promote-replica'] as const)('refuses %s without a replication group', async (name) => {
  expect(await refusalOf(name)).toContain('no replication group');
});
