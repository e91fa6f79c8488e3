/** An incident as its record and evidence have it, for tests of what people see. */
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { ReportInput } from '../../../../functions/incidents/report/incident-page.ts';

export const AT = Date.parse('2026-11-22T03:12:05Z');
const minutes = (count: number): number => count * 60_000;

export const anIncident = (more: Partial<IncidentRecord> = {}): IncidentRecord => ({
  incidentId: 'inc-0123456789ab',
  fingerprint: 'logged-out#web',
  runbook: 'logged-out',
  fleet: 'web',
  stage: 'watching',
  openedAtMs: AT + 20_000,
  alarms: {},
  signs: [
    { from: 'live-web-redirects', state: 'ALARM', atMs: AT, reason: 'Threshold Crossed: 31.5 percent' },
    { from: 'live-web-redirects', state: 'OK', atMs: AT + minutes(9) },
  ],
  signCount: 2,
  runs: 1,
  finding: {
    verdict: 'cause',
    cause: 'stickiness-off',
    confidence: 'certain',
    sentence: 'The target group of fleet web no longer keeps users on their server, since 03:10 UTC',
    sinceMs: AT - minutes(2),
    because: [
      { text: 'stickiness is off, and the configuration deployed it as lb_cookie', source: 'balancer' },
      { text: '212 of 500 sampled sessions were seen on two servers', source: 'servers' },
      { text: 'redirects and refusals rose from 2.0 to 31.5 percent', source: 'traffic' },
      { text: 'no session of the store was evicted', source: 'store' },
    ],
    wouldRefute: [
      { text: '0 of 3 targets are draining or unhealthy', source: 'balancer', ruledOut: 'draining targets' },
      { text: 'a session that stays on one server (access logs: not of every server)', source: 'servers' },
    ],
    also: [],
  },
  mitigations: {
    'restore-stickiness': {
      name: 'restore-stickiness',
      target: { incidentId: 'inc-0123456789ab', fleet: 'web' },
      run: 1,
      mode: 'observe',
      state: 'observed',
      reason: 'its mode is observe',
      calls: [
        {
          service: 'elbv2',
          operation: 'ModifyTargetGroupAttributes',
          input: { TargetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/live-web/1', Attributes: [] },
        },
      ],
      effect: 'users stay on one server again',
    },
  },
  report: {
    markdownKey: '_incidents/i/1/report.md',
    jsonKey: '_incidents/i/1/report.json',
    evidenceKey: '_incidents/i/1/evidence.json',
    evidenceSha256: 'a'.repeat(64),
  },
  ...more,
});

export const someEvidence = (more: Partial<Evidence['sources']> = {}): Evidence => ({
  incidentId: 'inc-0123456789ab',
  fromMs: AT - minutes(60),
  toMs: AT + minutes(1),
  firstSignMs: AT,
  sources: {
    deploys: {
      takenAtMs: AT,
      facts: {
        deploys: [
          {
            deployId: '7a51fb7e-1',
            from: '1.4.1',
            to: '1.4.2',
            status: 'SUCCEEDED',
            startedAtMs: AT - minutes(40),
            finishedAtMs: AT - minutes(31),
          },
        ],
      },
    },
    changes: {
      takenAtMs: AT,
      facts: {
        completeUntilMs: AT - minutes(5),
        changes: [
          {
            atMs: AT - minutes(2),
            event: 'ModifyTargetGroupAttributes',
            roleArn: 'arn:aws:sts::111122223333:assumed-role/Network/jane.doe@example.com',
            eventId: 'e-1',
            resource: 'targetgroup/live-web',
          },
        ],
      },
      gaps: ['CloudTrail is complete until 03:07 UTC only'],
    },
    canary: { gap: 'there is no canary' },
    ...more,
  },
});

export const PLACE = { installation: 'live', region: 'eu-west-1', local: false, fleets: ['web'] } as const;

export const anInput = (more: Partial<ReportInput> = {}): ReportInput => ({
  incident: anIncident(),
  evidence: someEvidence(),
  place: PLACE,
  nowMs: AT + minutes(12),
  ...more,
});
