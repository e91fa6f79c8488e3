import { expect, it } from 'vitest';
import { type FrontFacts, judgeAddressDelay, warnOfFront } from '../../../../functions/deploy/assess/warn-of-front.ts';
import { fillSettings } from '../../../../functions/deploy/settings/read-settings.ts';

const OWN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1';
const OTHER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/inside/2';
const member = (instanceId: string, zone?: string) => ({ instanceId, lifecycle: 'inService' as const, ...(zone && { zone }) });
const [DELAY, CROSS_ZONE, SLOW_START] = [
  'deregistration_delay.timeout_seconds',
  'load_balancing.cross_zone.enabled',
  'slow_start.duration_seconds',
];
const AS_CREATED = { [DELAY]: '300', [CROSS_ZONE]: 'use_load_balancer_configuration', [SLOW_START]: '0' };
const facts = (attributes: Record<string, string> = {}, more: Partial<FrontFacts> = {}): FrontFacts => ({
  attributes: { ...AS_CREATED, ...attributes },
  targetGroupArn: OWN,
  registersWith: [OWN],
  members: [member('i-1', 'a'), member('i-2', 'a'), member('i-3', 'b')],
  settings: fillSettings({ bakeSeconds: 30 }, 'web'),
  ...more,
});
const alone = [member('i-1', 'a'), member('i-2', 'a')];

it.each<[string, FrontFacts]>([
  ['a front as Holdfast creates it', facts()],
  ['one whose attributes the load balancer does not name', facts({}, { attributes: {} })],
  ['named servers', facts({}, { registersWith: [] })],
  ['a longer delay', facts({ [DELAY]: '600' })],
  [
    'addresses with a short delay',
    facts({ [DELAY]: '120' }, { ofAddresses: true, settings: fillSettings({ deregistrationDelaySeconds: 60 }, 'web') }),
  ],
  ['addresses with a delay that refuses the deploy', facts({ [DELAY]: '361' }, { ofAddresses: true })],
  [
    'a shorter delay of which blind drains know nothing',
    facts({ [DELAY]: '30' }, { settings: fillSettings({ drainSignal: 'blind' }, 'web') }),
  ],
  ['two servers in each zone', facts({ [CROSS_ZONE]: 'false' }, { members: alone })],
  ['servers without a zone', facts({ [CROSS_ZONE]: 'false' }, { members: [member('i-1'), member('i-2')] })],
  ['a start that is not slower than a bake', facts({ [SLOW_START]: '30' })],
])('says nothing of %s', (_, given) => {
  expect(warnOfFront(given)).toEqual([]);
});

it.each<[string, FrontFacts, string[]]>([
  [
    'a second target group',
    facts({}, { registersWith: [OTHER, OWN] }),
    ['servers are registered with inside too', 'out of web alone', 'Detach inside from'],
  ],
  [
    'a delay below the configured one',
    facts({ [DELAY]: '60' }),
    [
      'delay is 60 s, and deploys plan with 300 s',
      'timeout_seconds of the target group to 300, or deploy.deregistrationDelaySeconds to 60.',
    ],
  ],
  [
    'a long delay of addresses, with the time for which each server is out',
    facts({}, { ofAddresses: true }),
    [
      'a deregistration delay of 300 s: each server is out of service for 5 m 00 s at least',
      'to less: 60 is enough where no request takes longer than 50 s',
    ],
  ],
  [
    'an hour of it',
    facts({ [DELAY]: '3600' }, { ofAddresses: true, settings: fillSettings({ deregistrationDelaySeconds: 3600, bakeSeconds: 30 }, 'web') }),
    ['each server is out of service for 1 h 00 m at least'],
  ],
  ['a delay with which no drain can work', facts({ [DELAY]: '30' }), ['delay is 30 s', 'timeout_seconds of the target group to 300.']],
  [
    'a server that is alone in its zone without cross-zone load balancing',
    facts({ [CROSS_ZONE]: 'false' }),
    ['alone in their Availability Zones (i-3 in b)', '503'],
  ],
  [
    'a start that is slower than a bake',
    facts({ [SLOW_START]: '120' }),
    ['over 120 s, and a bake takes 30 s', 'or deploy.bakeSeconds to 120'],
  ],
])('warns of %s, with what to do', (_, given, words) => {
  const [warning = '', ...others] = warnOfFront(given);
  expect(others).toEqual([]);
  for (const part of words) expect(warning).toContain(part);
});

it.each<[string, Record<string, string>, object, boolean, string | undefined]>([
  ['300 s', {}, {}, true, 'warns'],
  ['as long as a deploy waits', { [DELAY]: '360' }, {}, true, 'warns'],
  ['longer than a deploy waits', { [DELAY]: '361' }, {}, true, 'refuses'],
  ['longer than a deploy waits, of instances', { [DELAY]: '3600' }, {}, false, undefined],
  ['an hour, as planned', { [DELAY]: '3600' }, { deregistrationDelaySeconds: 3600 }, true, 'warns'],
  [
    'a minute more than planned, with a short time for the health',
    { [DELAY]: '120' },
    { deregistrationDelaySeconds: 60, registerTimeoutSeconds: 20 },
    true,
    undefined,
  ],
  [
    'longer, with a short time for the health',
    { [DELAY]: '121' },
    { deregistrationDelaySeconds: 60, registerTimeoutSeconds: 20 },
    true,
    'refuses',
  ],
])('judges a delay of %s', (_, attributes, settings, ofAddresses, expected) => {
  const fault = judgeAddressDelay(facts(attributes, { ofAddresses, settings: fillSettings(settings, 'web') }));
  expect(fault && (fault.refuses ? 'refuses' : 'warns')).toBe(expected);
});
