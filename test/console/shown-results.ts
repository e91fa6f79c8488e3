import type { CanaryRecord } from '../../functions/canary/contract/canary-records.ts';
import type { GateRecord } from '../../functions/gate/contract.ts';
import { READING } from '../cli/store/readings.ts';
import { AT } from '../functions/incidents/report/an-incident.ts';

/** With a finding, one that is accepted, and a session that vanished. */
export const CANARY: CanaryRecord = {
  url: 'https://shop.example.com/',
  turnedAtMs: AT,
  ranAtMs: AT - 3_600_000,
  sessions: 2,
  vanishedAtMs: [AT - 60_000],
  lines: [
    { check: 'caching', result: 'finding', severity: 'warning', what: 'the page of a user has max-age=60', finding: 'page-cacheable' },
    {
      ...{ check: 'cookie-attributes', result: 'finding', severity: 'notice', what: 'SID has no prefix', finding: 'cookie-without-prefix' },
      accepted: 'the name is that of the documentation',
    },
    { check: 'foreign-id', result: 'holds', severity: 'ok', what: 'a planted id is not adopted' },
  ],
  timeOuts: [{ check: 'time-outs', result: 'holds', severity: 'ok', what: 'a session outlives 27 minutes without a request', atMs: AT }],
};

/** The gate of a service on ECS, latest first. */
export const GATES: readonly GateRecord[] = [
  {
    ...{ gate: 'holdfast-session-gate', deployment: 'arn:aws:ecs:us-east-1:000000000000:service-deployment/shop/web/abc' },
    ...{ verdict: 'incompatible', endedAtMs: Date.now() - 120_000, notes: [], sent: { requests: 54, logins: 6 } },
    findings: [
      {
        ...{ check: 'forward', what: 'the new release shows nobody with a session that the old one began' },
        ...{ roll: 'all who are logged in are logged out', rollback: 'those who have not met the new release keep their sessions' },
      },
    ],
  },
];

/** The parts of a cloud that read what was found last. */
export const results = {
  canary: async (): Promise<CanaryRecord> => CANARY,
  gates: async () => GATES,
  store: { getUnreachable: async () => undefined, getStore: async () => ({ reading: { ...READING, takenAtMs: Date.now() - 20_000 } }) },
};
