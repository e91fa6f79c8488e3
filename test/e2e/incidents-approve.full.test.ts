/** A mitigation of the deployed runbook waits for a person: after a yes it is carried out, and without one it is not. */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { spawnCli } from '../cli/run-cli.ts';
import { withFault } from './faults.ts';
import { cloud } from './fleet.ts';
import { onStep, withoutAlarms } from './incident-runs.ts';
import { ended, lostStickiness, mitigationOf, reportOf, shown } from './lost-stickiness.ts';

const { incidents, stickiness, start, during } = lostStickiness('approve');
beforeEach(async () => void (await withoutAlarms()));

const isWaiting = (incident: IncidentRecord): boolean => mitigationOf(incident)?.state === 'waitingForApproval';

/** The command that the page prints; who decides sees what will be sent. */
async function commandOf(asked: IncidentRecord, decision: 'approve' | 'deny'): Promise<string> {
  const { page, text } = await shown(asked);
  const command = page.next.flatMap(({ commands }) => commands).find((one) => one.includes(` ${decision} ${asked.incidentId}`));
  expect(text).toContain('elbv2 ModifyTargetGroupAttributes {');
  expect(command).toBeDefined();
  expect(text).toContain(command);
  return command as string;
}

/** As an operator types it, in a process of its own. */
const run = (command: string) => spawnCli(process.env['HOLDFAST_STATE_FOLDER'] as string, command.split(' ').slice(3));

async function succeeds(command: string): Promise<void> {
  const { code, stdout, stderr } = await run(command);
  expect(code, `${command}\n${stdout}\n${stderr}`).toBe(0);
}

describe('a mitigation that waits for a person', { timeout: 400_000 }, () => {
  const answered = (answer: (asked: IncidentRecord) => Promise<unknown>) =>
    during(async (sinceMs) => {
      const execution = await start(sinceMs);
      const asked = await incidents.untilIt(isWaiting, sinceMs, 'the question');
      expect(await stickiness.isOn()).toBe(false);
      await answer(asked);
      expect(await incidents.untilEnded(execution)).toBe('SUCCEEDED');
      return incidents.untilIt(ended, sinceMs, 'the report');
    });

  it('shows its exact calls, and sends them after the command that it prints', async () => {
    let calls: unknown;
    const incident = await answered(async (asked) => {
      calls = mitigationOf(asked)?.calls;
      await succeeds(await commandOf(asked, 'approve'));
    });
    expect(mitigationOf(incident)).toMatchObject({ state: 'done', calls, decidedBy: expect.stringMatching(/^arn:aws:/) });
    expect(await stickiness.isOn()).toBe(true);
    expect(await reportOf(incident)).toContain('approved by arn:aws:');
  });

  it('is carried out after a yes of which the reply was lost', async () => {
    const lost = {
      on: 'call',
      match: { service: 'states', action: 'SendTaskSuccess' },
      when: { nth: 1 },
      effect: { kind: 'loseAnswer' },
    } as const;
    const incident = await answered((asked) => withFault(lost, async () => succeeds(await commandOf(asked, 'approve'))));
    expect(mitigationOf(incident)).toMatchObject({ state: 'done', decidedBy: expect.stringMatching(/^arn:aws:/) });
    expect(await incidents.budget()).toHaveLength(1);
  });

  it('sends nothing after a no', async () => {
    const incident = await answered(async (asked) => succeeds(await commandOf(asked, 'deny')));
    expect(mitigationOf(incident)).toMatchObject({ state: 'denied', decidedBy: expect.stringMatching(/^arn:aws:/) });
    expect(await stickiness.isOn()).toBe(false);
    expect(await incidents.budget()).toEqual([]);
  });

  it('takes no answer in time for a no, and a later yes changes nothing', async () => {
    let late = '';
    const incident = await answered(async (asked) => {
      late = await commandOf(asked, 'approve');
    });
    expect(mitigationOf(incident)).toMatchObject({ state: 'denied', detail: expect.stringContaining('nobody answered within 1 minute') });
    expect(await run(late)).toMatchObject({ code: 2, stderr: expect.stringContaining('waits for an approval') });
    expect(await incidents.records.getIncident(incident.incidentId)).toMatchObject({ mitigations: incident.mitigations });
    expect(await stickiness.isOn()).toBe(false);
  });

  it('takes a question that could not be asked for a no', async () => {
    const incident = await during((sinceMs) =>
      withFault(onStep('askApproval', { kind: 'throw', error: 'TestDied' }), async () => {
        expect(await incidents.untilEnded(await start(sinceMs))).toBe('SUCCEEDED');
        return incidents.untilIt(ended, sinceMs, 'the report');
      }),
    );
    expect(mitigationOf(incident)).toMatchObject({ state: 'denied', detail: expect.stringContaining('TestDied') });
    expect(await stickiness.isOn()).toBe(false);
  });
});

describe('a runbook that is stopped while its mitigation waits for a person', { timeout: 300_000 }, () => {
  const stopped = () =>
    during(async (sinceMs) => {
      const executionArn = await start(sinceMs);
      const asked = await incidents.untilIt(isWaiting, sinceMs, 'the question');
      const { stepFunctions } = await cloud();
      await stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'TestStopped' }));
      expect(await incidents.untilEnded(executionArn)).toBe('ABORTED');
      return asked;
    });
  const afterIt = async ({ incidentId }: IncidentRecord) => (await incidents.records.getIncident(incidentId)) as IncidentRecord;

  it('is not reached by a yes, which says so', async () => {
    const asked = await stopped();
    expect(await run(await commandOf(asked, 'approve'))).toMatchObject({ code: 2, stderr: expect.stringContaining('no longer waits') });
    expect(mitigationOf(await afterIt(asked))).toMatchObject({ state: 'refused', detail: expect.stringContaining('no longer waited') });
    expect(await stickiness.isOn()).toBe(false);
  });

  it('is named by what tends incidents, which reports that nothing was sent', async () => {
    const asked = await stopped();
    const late = await commandOf(asked, 'approve');
    await incidents.tend();
    const tended = await afterIt(asked);
    expect(tended.troubles).toEqual([expect.stringContaining('the runbook ended as ABORTED in the stage')]);
    expect(mitigationOf(tended)).toMatchObject({ state: 'refused', detail: 'the runbook ended before that; nothing was sent' });
    expect(tended.unsent).toBeUndefined();
    expect(await reportOf(tended)).toContain('ended as ABORTED');
    expect(await stickiness.isOn()).toBe(false);
    expect(await run(late)).toMatchObject({ code: 2, stderr: expect.stringContaining('is refused already') });
  });
});
