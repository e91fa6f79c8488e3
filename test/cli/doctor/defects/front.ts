/** What can be wrong between users and the load balancer. */
import { SKIPPED } from '../../../../cli/doctor/look.ts';
import * as fleet from '../healthy-fleet.ts';
import { NOW_MS, seenAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

export const FRONT_DEFECTS: readonly Defect[] = [
  [
    'no listener leads to the fleet',
    { facts: { listeners: seenAs([{ ...fleet.listener, forwards: false }]) } },
    'listener',
    'error',
    /no listener of holdfast-web leads/,
  ],
  ['no load balancer leads to it', { facts: { loadBalancer: SKIPPED, listeners: SKIPPED } }, 'listener', 'error', /no load balancer leads/],
  [
    'plain HTTP',
    { facts: { listeners: seenAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]) } },
    'plain-http',
    'error',
    /plain HTTP on port 80$/,
  ],
  [
    'plain HTTP at a listener that was there before',
    {
      facts: { listeners: seenAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]) },
      subject: fleet.withNamedTargetGroup(),
    },
    'plain-http',
    'error',
    /plain HTTP on port 80$/,
  ],
  [
    'plain HTTP that is allowed',
    {
      facts: { listeners: seenAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]), certificates: [] },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'plain-http',
    'warning',
    /as allowPlainHttp allows/,
  ],
  [
    'a certificate that waits for validation',
    { facts: { certificates: [seenAs({ ...fleet.certificate, status: 'PENDING_VALIDATION' })] } },
    'certificate',
    'error',
    /PENDING_VALIDATION/,
  ],
  [
    'a certificate that has ended',
    { facts: { certificates: [seenAs({ ...fleet.certificate, notAfterMs: NOW_MS - fleet.DAY_MS })] } },
    'certificate',
    'error',
    /ended 1 days ago/,
  ],
  [
    'a certificate that ends soon',
    { facts: { certificates: [seenAs({ ...fleet.certificate, notAfterMs: NOW_MS + 29.5 * fleet.DAY_MS })] } },
    'certificate',
    'warning',
    /ends in 29 days/,
  ],
  [
    'a certificate of another Region',
    {
      facts: {
        certificates: [],
        listeners: seenAs([{ ...fleet.listener, certificateArns: [fleet.CERTIFICATE.replace('us-east-1', 'eu-west-1')] }]),
      },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'certificate',
    'error',
    /is in eu-west-1, the load balancer in us-east-1/,
  ],
  [
    'a certificate that IAM keeps',
    {
      facts: {
        certificates: [],
        listeners: seenAs([{ ...fleet.listener, certificateArns: ['arn:aws:iam::111122223333:server-certificate/shop'] }]),
      },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'certificate',
    'unknown',
    /is not ACM's/,
  ],
  [
    'a host that the certificate does not cover',
    { subject: { ...subjectOf(), hosts: ['shop.example.com', 'a.b.shop.example.com'] } },
    'certificate',
    'error',
    /does not cover a\.b\.shop\.example\.com/,
  ],
  [
    'no free rule',
    { facts: { listeners: seenAs([{ ...fleet.listener, rules: 100 }]) } },
    'free-rules',
    'warning',
    /100 of 100 rules are used, 0 are free/,
  ],
  ['few free rules', { facts: { listeners: seenAs([{ ...fleet.listener, rules: 99 }]) } }, 'free-rules', 'notice', /1 is free/],
  [
    'no free target group',
    { facts: { targetGroupCounts: seenAs({ ofLoadBalancer: 4, ofAccount: 3_000 }) } },
    'free-target-groups',
    'warning',
    /3000 of 3000 target groups of the account/,
  ],
];
