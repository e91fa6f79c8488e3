/**
 * Incidents over hours of virtual time: alarms, the schedule, people and executions that die, with the runbook's own machine and the
 * functions' own cores.
 */
import { createAlarm, startMitigation } from '../../../../functions/incidents/alarm/alarm.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { partKey } from '../../../../functions/incidents/contract/environment.ts';
import type { SOURCES } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { MitigationKey, MitigationName, Mode } from '../../../../functions/incidents/contract/mitigations.ts';
import type { MitigateStep, RunContext } from '../../../../functions/incidents/contract/steps.ts';
import { begin } from '../../../../functions/incidents/do/answer.ts';
import { createMitigate } from '../../../../functions/incidents/mitigate/mitigation-steps.ts';
import { refreshReport, report, reportEnd } from '../../../../functions/incidents/run/report.ts';
import { createRunbookSteps } from '../../../../functions/incidents/run/run-steps.ts';
import { createTend } from '../../../../functions/incidents/tend/tend.ts';
import { Kernel } from '../../../../lab/simulation/kernel/kernel.ts';
import { evidence } from '../healthy-evidence.ts';
import { type SaidBy, saidBy } from '../mitigate/said-by.ts';
import { PLACE } from '../report/an-incident.ts';
import { simulatedIncidentRecords } from '../simulated-incident-records.ts';
import { fakePage, fakeStoreGroup } from './fakes.ts';
import { mitigationsIn } from './mitigations-in.ts';
import { runbookMachine } from './runbook-machine.ts';

const MINUTE = 60_000;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-runbook';
const ALARM = 'holdfast-store-store-unreachable';

interface WorldOptions {
  readonly seed?: number;
  /** Seconds after its time at which a scheduled turn comes: none is a lost one, two are one that was delivered twice. @default on time */
  readonly arrives?: () => readonly number[];
  /** Seconds that a call of the mitigating function takes. @default none */
  readonly takes?: () => number;
}

export function incidentWorld(
  modes: Partial<Record<MitigationName, Mode>>,
  { seed = 1, arrives = () => [0], takes = () => 0 }: WorldOptions = {},
) {
  const kernel = new Kernel(seed);
  const startMs = kernel.now();
  const now = () => kernel.now();
  const records = simulatedIncidentRecords();
  const log = { info: () => {}, warn: () => {} };
  const stored = new Map<string, string>();
  const messages: { readonly minute: number; readonly subject: string }[] = [];
  const alarms = new Map<string, { state: string; changedAtMs: number; reason: string }>();
  const executions = new Map<string, { status: string }>();
  const world = {
    finding: { verdict: 'unknown', candidates: [], missing: [], shown: [] } as Finding,
    isUp: false,
    said: { fleet: 'away', collector: 'away' } as SaidBy,
    /** All who are asked say so. */
    comesBack() {
      this.isUp = true;
      Object.assign(this.said, { fleet: 'works', collector: 'works' });
    },
  };
  const common = { installation: 'holdfast', fleets: ['web'], coolDownMs: 30 * MINUTE, stateMachineArn: MACHINE, records, now, log };
  const minuteNow = () => Math.round((now() - startMs) / MINUTE);
  const exactMinute = () => (now() - startMs) / MINUTE;
  const { page, rules } = fakePage(exactMinute);
  const storeGroup = fakeStoreGroup();
  /** Subject and content of each message. */
  const sent: string[] = [];
  /** When turns of the schedule came. */
  const turns: number[] = [];

  const ports = {
    ...common,
    objects: { put: async (key: string, body: string) => void stored.set(key, body), get: async (key: string) => stored.get(key) },
    async publish({ subject, text }: { subject: string; text: string }) {
      messages.push({ minute: minuteNow(), subject });
      sent.push(`${subject} ${text}`);
    },
    render: (one: IncidentRecord) => ({
      markdown: '',
      json: {},
      subject: one.closedAtMs ? 'Closed' : `Report: ${one.finding?.verdict}`,
      text: JSON.stringify([
        one.incidentId,
        one.runs,
        one.stage,
        one.troubles,
        Object.entries(one.mitigations).map(([key, record]) => [key, record?.state, record?.goesOn, record?.requestedAtMs]),
      ]),
    }),
  };
  const control = createRunbookSteps({
    ...{ ...ports, classify: () => world.finding, decide, modes, place: PLACE },
  });
  const mitigations = mitigationsIn({ world, witnesses: saidBy(world.said, now), storeGroup, rules, now });
  const mitigate = createMitigate({ ...common, mitigations, mitigationsPerHour: 10 });
  const mitigateSlowly = async (step: MitigateStep) => {
    await kernel.sleep(takes() * 1_000);
    const reply = await mitigate(step);
    await kernel.sleep(takes() * 1_000);
    return reply;
  };
  const ending = {
    ...{ records, mitigate: mitigateSlowly, now },
    refreshReport: (id: string, closedAtMs?: number) => refreshReport(ports, id, closedAtMs),
    report: (id: string) => report(ports, id, false),
  };

  async function collect(given: object) {
    const { run, source } = given as { run: RunContext; source: (typeof SOURCES)[number] };
    const part = evidence().sources[source] ?? { gap: 'none' };
    const trail = { takenAtMs: now(), facts: { changes: [], completeUntilMs: now() - 15 * MINUTE } };
    stored.set(partKey(run, source), JSON.stringify(source === 'changes' ? trail : part));
    return { source };
  }

  const starts = {
    async startOnce(_: string, name: string, input: object): Promise<boolean> {
      const arn = `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
      const known = executions.get(arn);
      if (known) return known.status === 'RUNNING';
      executions.set(arn, { status: 'RUNNING' });
      const end = (status: string) => executions.get(arn)?.status === 'RUNNING' && executions.set(arn, { status });
      machine.execute(arn, input).then(
        (outcome) => outcome && end(outcome.status),
        (error: unknown) => kernel.fail(error),
      );
      return true;
    },
    describe: async (arn: string) => executions.get(arn) as never,
  };
  const handle = createAlarm({ ...common, executions: starts });
  const tend = createTend({
    ...{ ...ending, ...common, executions: starts, quietMs: 10 * MINUTE },
    publishInEffect: () => {},
    reportEnd: (id, closedAtMs) => reportEnd(ports, id, closedAtMs),
    readAlarms: async (names) =>
      Object.fromEntries(names.map((name) => [name, (alarms.get(name) ?? { state: 'OK', changedAtMs: 0, reason: '' }) as never])),
  });
  const machine = runbookMachine({
    kernel,
    functions: {
      Control: (step) => control(step as never),
      Mitigate: (step) => mitigate(step as MitigateStep),
      Tend: (step) => tend(step as never),
      ...{ Collect: collect, CollectStore: collect },
    },
    isOver: (arn) => executions.get(arn)?.status !== 'RUNNING',
  });
  const turn = () => {
    turns.push(exactMinute());
    tend({ step: 'tend' }).catch((error: unknown) => kernel.fail(error));
  };
  const schedule = () => {
    for (const seconds of arrives()) kernel.after(seconds * 1_000, turn);
  };
  kernel.every(5 * MINUTE, schedule, 2 * MINUTE);

  /** The latest of each runbook, latest first. Their list would be read in batches, which take real time. */
  async function incidents(): Promise<readonly IncidentRecord[]> {
    const pointers = (await records.pointers()).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    return Promise.all(pointers.map(async ({ incidentId }) => (await records.getIncident(incidentId)) as IncidentRecord));
  }
  async function incident() {
    const [latest] = await incidents();
    if (!latest) throw new Error('there is no incident');
    return latest;
  }

  return {
    ...{ incident, world, messages, sent, turns, page, storeGroup },
    /** Does something at that minute. */
    at: (minute: number, work: () => unknown) => void kernel.after(startMs + minute * MINUTE - now(), () => void work()),
    /** Goes on until that minute. */
    until: (minute: number) => kernel.run(startMs + minute * MINUTE),
    async alarm(state: 'ALARM' | 'OK') {
      alarms.set(ALARM, { state, changedAtMs: now(), reason: '' });
      const time = new Date(now()).toISOString();
      await handle({
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        time,
        detail: { alarmName: ALARM, state: { value: state, timestamp: time } },
      });
    },
    /** A person asks for it. False where that is refused, or no incident names it. */
    async ask(key: MitigationKey) {
      const named = (await incidents()).find(({ mitigations }) => mitigations[key] !== undefined);
      const record = named?.mitigations[key];
      if (named === undefined || record === undefined) return false;
      const start = (id: string, one: MitigationKey, atMs: number) =>
        startMitigation({ executions: starts, stateMachineArn: MACHINE }, id, one, atMs);
      const asking = { incidents: records, start, mitigate, now };
      const reply = await begin(asking, { incident: named, key, record, by: 'arn:role' });
      return reply.outcome !== 'refused';
    },
    /** All that run. */
    kill() {
      for (const [arn, { status }] of executions) if (status === 'RUNNING') executions.set(arn, { status: 'ABORTED' });
    },
  };
}
