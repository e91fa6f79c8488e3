/**
 * Incidents over hours of virtual time: alarms, the schedule, people and executions that die, with the functions' own cores. An
 * execution goes through the steps of the runbook's machine (infra/constructs/incidents/runbook.ts) one by one.
 */
import { createAlarm } from '../../../../functions/incidents/alarm/alarm.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { SOURCES } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { Decision, Mitigation, MitigationName, Mode } from '../../../../functions/incidents/contract/mitigations.ts';
import { partKey } from '../../../../functions/incidents/contract/names.ts';
import type { MitigateStep, RunContext } from '../../../../functions/incidents/contract/steps.ts';
import { createKeepServers } from '../../../../functions/incidents/mitigate/keep-servers.ts';
import { createMitigate } from '../../../../functions/incidents/mitigate/mitigation-steps.ts';
import { createPromoteReplica } from '../../../../functions/incidents/mitigate/promote-replica.ts';
import { createReLoginPage } from '../../../../functions/incidents/mitigate/re-login-page.ts';
import { refreshReport, report, reportEnd } from '../../../../functions/incidents/run/report.ts';
import { createRunbookSteps } from '../../../../functions/incidents/run/run-steps.ts';
import { watchInEffect } from '../../../../functions/incidents/tend/end-temporary.ts';
import { createTend } from '../../../../functions/incidents/tend/tend.ts';
import { Kernel } from '../../../../lab/simulation/kernel/kernel.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { evidence } from '../healthy-evidence.ts';
import { type SaidBy, saidBy } from '../mitigate/said-by.ts';
import { PLACE } from '../report/an-incident.ts';
import { simulatedIncidentRecords } from '../simulated-incident-records.ts';
import { fakePage, fakeStoreGroup } from './fakes.ts';

export const MINUTE = 60_000;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-runbook';
const APPROVAL_MINUTES = 30;
export const LONGEST_MINUTES = 120;
const PAGE = {
  ...{ hosts: [], paths: ['/*'], priorities: { first: 1, last: 50 }, language: 'en', retrySeconds: 10 },
  ...{ title: 'Back in a minute', message: 'Please log in again then.', retry: 'Try again' },
};
export const ALARM = 'holdfast-store-store-unreachable';

/** It was stopped, or its time was up. */
class Died extends Error {}

export interface WorldOptions {
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
  const fleetRecords = memoryRecords();
  const group = fakeAutoScalingGroup({ 'i-1': 'InService', 'i-2': 'InService' });
  const log = { info: () => {}, warn: () => {} };
  const stored = new Map<string, string>();
  const messages: { readonly minute: number; readonly subject: string }[] = [];
  const alarms = new Map<string, { state: string; changedAtMs: number; reason: string }>();
  const executions = new Map<string, { status: string }>();
  const world = {
    finding: { verdict: 'unknown', candidates: [], missing: [], shown: [] } as Finding,
    isUp: false,
    servers: 'answer' as 'answer' | 'silent',
    serversSay: {},
    said: { fleet: 'away', collector: 'away' } as SaidBy,
    areHurt: true,
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
        one.runs,
        one.troubles,
        Object.entries(one.mitigations).map(([key, record]) => [key, record?.state, record?.goesOn]),
      ]),
    }),
  };
  const control = createRunbookSteps({
    ...{ ...ports, classify: () => world.finding, decide, modes, approvalMinutes: APPROVAL_MINUTES, place: PLACE },
    tokens: { putToken: async () => {}, getToken: async () => 'token', deleteToken: async () => {} },
  });
  const shared = {
    ...{ now, longestMs: LONGEST_MINUTES * MINUTE },
    fleets: {
      web: {
        ...{ targetGroupArn: 'tg', strategy: 'redis' as const, expectedStickiness: { enabled: false }, autoScalingGroup: group.name },
        reLoginPage: PAGE,
      },
    },
    readServers: async () =>
      world.servers === 'silent' ? [] : ['i-1', 'i-2'].map((instanceId) => ({ instanceId, ...world.serversSay, gate: world.isUp })),
    witnesses: saidBy(world.said, now),
  };
  const mitigations = {
    'keep-servers': createKeepServers({ ...shared, records: fleetRecords, asksStore: async () => true, groupOf: () => group }),
    're-login-page': createReLoginPage({ ...shared, installation: 'holdfast', rules, areHurt: async () => world.areHurt }),
    'promote-replica': createPromoteReplica(
      storeGroup as never,
      async () => ({ atMs: now(), seconds: 1, bytes: 0 }),
      saidBy(world.said, now),
    ),
  } as Partial<Record<MitigationName, Mitigation>>;
  const mitigate = createMitigate({ ...common, mitigations, mitigationsPerHour: 10 });
  const mitigateSlowly = async (step: MitigateStep) => {
    await kernel.sleep(takes() * 1_000);
    const reply = await mitigate(step);
    await kernel.sleep(takes() * 1_000);
    return reply;
  };
  const ending = {
    ...{ records, mitigate: mitigateSlowly, now, approvalMs: APPROVAL_MINUTES * MINUTE },
    refreshReport: (id: string, closedAtMs?: number) => refreshReport(ports, id, closedAtMs),
    report: (id: string) => report(ports, id, false),
  };

  /** One execution of the machine. */
  async function execute(arn: string, input: object): Promise<void> {
    const alive = async (seconds: number) => {
      await kernel.sleep(seconds * 1_000);
      if (executions.get(arn)?.status !== 'RUNNING') throw new Died();
    };
    const ask = async (request: object) => {
      await alive(1);
      return (await control(request as never)) as unknown as {
        verdict: string;
        run: RunContext;
        decisions: Decision[];
        waiting: Decision[];
      };
    };
    const step = async (name: MitigateStep['step'], run: RunContext, decision: Decision, more: object = {}) => {
      await alive(1);
      return (await mitigate({ step: name, run, decision, ...more })).verdict;
    };
    const carryOut = async (run: RunContext, decision: Decision) => {
      let verdict = await step('act', run, decision);
      for (; verdict === 'WAIT'; verdict = await step('act', run, decision)) await alive(15);
      if (verdict !== 'DONE') return;
      verdict = await step('verify', run, decision);
      for (; verdict === 'WAIT'; verdict = await step('verify', run, decision)) await alive(15);
      if (verdict === 'FAILED') await step('undo', run, decision);
    };
    const approval = async (run: RunContext, decision: Decision) => {
      await ask({ step: 'askApproval', run, decision, token: 'token' });
      const untilMs = now() + APPROVAL_MINUTES * MINUTE;
      const state = async () => (await records.getIncident(run.incidentId))?.mitigations[decision.key]?.state;
      while ((await state()) === 'waitingForApproval' && now() < untilMs) await alive(5);
      if ((await state()) === 'waitingForApproval') await ask({ step: 'endApproval', run, decision, error: { Error: 'States.Timeout' } });
      else if ((await state()) === 'approved' && (await step('plan', run, decision, { approved: true })) === 'DONE')
        await carryOut(run, decision);
    };
    const looking = async (run: RunContext, isAsked: boolean) => {
      while ((await watchInEffect(ending, { step: 'lookAfter', run, ...(isAsked && { asked: true }) })).verdict === 'WAIT') await alive(30);
    };
    const opened = await ask({ step: 'open', input, executionArn: arn, startTime: new Date(now()).toISOString() });
    if (opened.verdict !== 'DONE') return;
    for (const source of SOURCES) stored.set(partKey(opened.run, source), JSON.stringify(evidence().sources[source] ?? { gap: 'none' }));
    await alive(20);
    const classified = await ask({ step: 'classify', run: opened.run, collected: [] });
    if (classified.verdict !== 'DONE') return;
    const { run } = classified;
    for (const decision of (await ask({ step: 'decide', run })).decisions) {
      if ((await step('plan', run, decision)) === 'DONE') await carryOut(run, decision);
    }
    const reported = await ask({ step: 'report', run });
    if (reported.verdict === 'REPEAT') {
      await ask({ step: 'askPeople', run, waiting: reported.waiting });
      await Promise.all([...reported.waiting.map((decision) => approval(run, decision)), looking(run, true)]);
      await ask({ step: 'report', run, last: true });
    }
    await looking(run, false);
  }

  const starts = {
    async startOnce(_: string, name: string, input: object): Promise<boolean> {
      const arn = `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
      const known = executions.get(arn);
      if (known) return known.status === 'RUNNING';
      executions.set(arn, { status: 'RUNNING' });
      const end = (status: string) => executions.get(arn)?.status === 'RUNNING' && executions.set(arn, { status });
      execute(arn, input).then(
        () => end('SUCCEEDED'),
        (error: unknown) => (error instanceof Died ? undefined : kernel.fail(error)),
      );
      return true;
    },
    describe: async (arn: string) => executions.get(arn) as never,
  };
  const handle = createAlarm({ ...common, executions: starts });
  const tend = createTend({
    ...{ ...ending, ...common, executions: starts, quietMs: 10 * MINUTE, pause: (ms: number) => kernel.sleep(ms) },
    publishInEffect: () => {},
    reportEnd: (id, closedAtMs) => reportEnd(ports, id, closedAtMs),
    readAlarms: async (names) =>
      Object.fromEntries(names.map((name) => [name, (alarms.get(name) ?? { state: 'OK', changedAtMs: 0, reason: '' }) as never])),
  });
  const turn = () => {
    turns.push(exactMinute());
    tend({ step: 'tend' }).catch((error: unknown) => kernel.fail(error));
  };
  const schedule = () => {
    for (const seconds of arrives()) kernel.after(seconds * 1_000, turn);
  };
  kernel.every(5 * MINUTE, schedule, 2 * MINUTE);

  return {
    ...{ world, messages, sent, turns, group, page, storeGroup, records, fleetRecords, now },
    /** Does something at that minute. */
    at: (minute: number, work: () => unknown) => void kernel.after(startMs + minute * MINUTE - now(), () => void work()),
    /** Goes on until that minute. */
    until: (minute: number) => kernel.run(startMs + minute * MINUTE),
    async alarm(state: 'ALARM' | 'OK', name = ALARM) {
      alarms.set(name, { state, changedAtMs: now(), reason: '' });
      const time = new Date(now()).toISOString();
      await handle({
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        time,
        detail: { alarmName: name, state: { value: state, timestamp: time } },
      });
    },
    async incident() {
      const [latest] = await records.latestIncidents(1);
      if (!latest) throw new Error('there is no incident');
      return latest;
    },
    /** The names of executions after their incident's, in the order of their starts. */
    started: () =>
      [...executions.keys()].map((arn) =>
        arn
          .split(':')
          .at(-1)
          ?.replace(/^inc-[0-9a-f]{12}-/, ''),
      ),
    /** All that run. */
    kill() {
      for (const [arn, { status }] of executions) if (status === 'RUNNING') executions.set(arn, { status: 'ABORTED' });
    },
  };
}
