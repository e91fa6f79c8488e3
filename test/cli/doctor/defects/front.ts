/** What can be wrong between users and the load balancer. */
import { SKIPPED } from '../../../../cli/doctor/lookup.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, NOW_MS, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const behindFirstRule = {
  ...fleet.listener.routes,
  forwardsByDefault: false,
  rules: [{ priority: 1, hosts: [['shop.example.com']], paths: [], forwards: true }],
};

export const FRONT_DEFECTS: readonly Defect[] = [
  [
    'no listener that forwards to the fleet',
    { facts: { listeners: knownAs([{ ...fleet.listener, forwards: false }]) } },
    'listener',
    'error',
    /no listener of holdfast-web forwards/,
  ],
  [
    'no load balancer that forwards to it',
    { facts: { loadBalancer: SKIPPED, listeners: SKIPPED } },
    'listener',
    'error',
    /no load balancer forwards/,
  ],
  [
    'a rule that gives another target group a share',
    { facts: { listeners: knownAs([{ ...fleet.listener, alsoForwardsTo: [fleet.TARGET_GROUP.replace('web', 'blue')] }]) } },
    'other-target-groups',
    'warning',
    /^a rule of HTTPS 443 forwards to holdfast-blue in addition to the fleet's target group$/,
  ],
  [
    'plain HTTP',
    { facts: { listeners: knownAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]) } },
    'plain-http',
    'error',
    /plain HTTP on port 80$/,
  ],
  [
    'plain HTTP at an existing listener',
    {
      facts: { listeners: knownAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]) },
      subject: fleet.withNamedTargetGroup(),
    },
    'plain-http',
    'error',
    /plain HTTP on port 80$/,
  ],
  [
    'plain HTTP that is allowed',
    {
      facts: { listeners: knownAs([{ ...fleet.listener, protocol: 'HTTP', port: 80, certificateArns: [] }]), certificates: [] },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'plain-http',
    'warning',
    /as allowPlainHttp allows/,
  ],
  [
    'a certificate that waits for validation',
    { facts: { certificates: [knownAs({ ...fleet.certificate, status: 'PENDING_VALIDATION' })] } },
    'certificate',
    'error',
    /PENDING_VALIDATION/,
  ],
  [
    'an expired certificate',
    { facts: { certificates: [knownAs({ ...fleet.certificate, notAfterMs: NOW_MS - fleet.DAY_MS })] } },
    'certificate',
    'error',
    /expired 1 day ago/,
  ],
  [
    'a certificate that expires soon',
    { facts: { certificates: [knownAs({ ...fleet.certificate, notAfterMs: NOW_MS + 29.5 * fleet.DAY_MS })] } },
    'certificate',
    'warning',
    /expires in 29 days/,
  ],
  [
    'a certificate of another Region',
    {
      facts: {
        certificates: [],
        listeners: knownAs([{ ...fleet.listener, certificateArns: [fleet.CERTIFICATE.replace('us-east-1', 'eu-west-1')] }]),
      },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'certificate',
    'error',
    /is in eu-west-1, and the load balancer in us-east-1/,
  ],
  [
    'a certificate that is stored in IAM',
    {
      facts: {
        certificates: [],
        listeners: knownAs([{ ...fleet.listener, certificateArns: ['arn:aws:iam::111122223333:server-certificate/shop'] }]),
      },
      subject: subjectOf({ allowPlainHttp: true }),
    },
    'certificate',
    'unknown',
    /is not an ACM certificate/,
  ],
  [
    'a host that no certificate covers',
    { subject: { ...subjectOf(), hosts: ['shop.example.com', 'a.b.shop.example.com'] } },
    'certificate',
    'error',
    /^no certificate covers a\.b\.shop\.example\.com: they are for shop\.example\.com/,
  ],
  // terraform-provider-aws#8620: its successor became the default one, and browsers, which name the host, got this one.
  [
    'a certificate of the host that was left on the listener, and has expired',
    {
      facts: {
        certificates: [
          knownAs(fleet.certificate),
          knownAs({ ...fleet.certificate, arn: `${fleet.CERTIFICATE}0`, notAfterMs: NOW_MS - fleet.DAY_MS }),
        ],
        listeners: knownAs([{ ...fleet.listener, certificateArns: [fleet.CERTIFICATE, `${fleet.CERTIFICATE}0`] }]),
      },
      subject: { ...subjectOf(), hosts: ['shop.example.com'] },
    },
    'certificate',
    'error',
    /expired 1 day ago/,
  ],
  [
    'no free rule',
    { facts: { listeners: knownAs([{ ...fleet.listener, rules: 100 }]) } },
    'free-rules',
    'warning',
    /100 of 100 rules are used, 0 are free/,
  ],
  [
    'no priority for the re-login page before the rule that forwards',
    { facts: { listeners: knownAs([{ ...fleet.listener, routes: behindFirstRule }]) } },
    're-login-page',
    'warning',
    /could not be shown: no priority from 1 to 50000 of .* is free above the rule with priority 1/,
  ],
  [
    'a re-login page that no incident holds',
    { facts: { shownPages: knownAs([{ ruleArn: 'arn:rule', priority: 7, incidentId: 'inc-1', isHeld: false }]) } },
    'shown-re-login-page',
    'error',
    /the rule with priority 7 shows users of web the re-login page of incident inc-1, and no open incident holds it$/,
  ],
  [
    'the re-login page of an open incident',
    { facts: { shownPages: knownAs([{ ruleArn: 'arn:rule', priority: 7, incidentId: 'inc-1', isHeld: true }]) } },
    'shown-re-login-page',
    'notice',
    /the re-login page of incident inc-1$/,
  ],
  ['few free rules', { facts: { listeners: knownAs([{ ...fleet.listener, rules: 99 }]) } }, 'free-rules', 'notice', /1 is free/],
  [
    'no free target group',
    { facts: { targetGroupCounts: knownAs({ ofLoadBalancer: 4, ofAccount: 3_000 }) } },
    'free-target-groups',
    'warning',
    /3000 of 3000 target groups of the account/,
  ],
];
