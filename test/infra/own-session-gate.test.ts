/** The session gate of a fleet's own deploys: what it adds to the templates, what it may do, and where there is none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saidOf } from '../../functions/shared/check.ts';
import { SYNTH_CHECKS } from '../../infra/checks.ts';
import type { FleetConfig } from '../../infra/config/fleet.ts';
import { sessionGateOf } from '../../infra/config/own-session-gate.ts';
import { adopted, LISTENER } from './adopted-configs.ts';
import { canaryConfig } from './canary-config.ts';
import { parse } from './parse-config.ts';
import { definitionOf } from './state-machine-definition.ts';
import { SynthesizedApp } from './synthesized.ts';

const user = (name: string) => ({ name, password: { secret: `gate/${name}` } });
const GATED = { gateUsers: { a: user('gate-anna'), b: user('gate-ben') } };
const said = (fleet: FleetConfig) =>
  saidOf(
    SYNTH_CHECKS.filter(({ name }) => name === 'session-gate'),
    'synth',
    { name: 'web', fleet },
  ).map(({ sentence }) => sentence);
const RELEASE = { release: { get: '/version', take: { json: 'version' } } };
const canary = canaryConfig(GATED, RELEASE);
const behind = (rule: object) =>
  adopted({
    strategy: 'redis',
    canary,
    healthCheckTimeoutSeconds: 2,
    existing: {
      listenerArn: LISTENER,
      loadBalancerSecurityGroupId: 'sg-0123456789abcdef2',
      listenerRule: { priority: 20, hosts: ['shop.example.com'], ...rule },
    },
  });

const apps = {} as Record<'gated' | 'usersMissing' | 'behind', SynthesizedApp>;
beforeAll(async () => {
  const web = { allowPlainHttp: true };
  apps.gated = await SynthesizedApp.create({
    fleets: { web: { ...web, canary, healthCheckTimeoutSeconds: 20, healthCheckIntervalSeconds: 30 } },
  });
  apps.usersMissing = await SynthesizedApp.create({ fleets: { web: { ...web, canary: canaryConfig({}, RELEASE) } } });
  apps.behind = await SynthesizedApp.create(behind({ gatePriority: 7 }));
});
afterAll(async () => {
  for (const app of Object.values(apps)) await app.remove();
});

const resourcesOf = (app: SynthesizedApp, type: string, id: RegExp) => app.resources(type).filter(({ logicalId }) => id.test(logicalId));
const gateRules = (app: SynthesizedApp) => resourcesOf(app, 'AWS::ElasticLoadBalancingV2::ListenerRule', /^GateRule/);
const environmentOf = (app: SynthesizedApp, role: string): Record<string, unknown> => {
  const [fn] = app.resources('AWS::Lambda::Function').filter(({ Properties }) => Properties['FunctionName'] === `holdfast-web-${role}`);
  return { Timeout: fn?.Properties['Timeout'], ...(fn?.Properties['Environment'] as { Variables: Record<string, unknown> })?.Variables };
};

describe('a fleet whose deploys have a session gate', () => {
  it('has one rule that no client matches, and a group that is empty', () => {
    const [group] = resourcesOf(apps.gated, 'AWS::ElasticLoadBalancingV2::TargetGroup', /^GateTargets/);
    const attributes = group?.Properties['TargetGroupAttributes'] as { Key: string; Value: string }[];
    expect(Object.fromEntries(attributes.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      'deregistration_delay.timeout_seconds': '0',
      'stickiness.enabled': 'false',
      'target_group_health.dns_failover.minimum_healthy_targets.count': 'off',
    });
    expect(group?.Properties).not.toHaveProperty('Targets');
    // As slow as the fleet's own.
    expect(group?.Properties).toMatchObject({ HealthCheckTimeoutSeconds: 20, HealthCheckIntervalSeconds: 21 });
    const [behind] = resourcesOf(apps.behind, 'AWS::ElasticLoadBalancingV2::TargetGroup', /^GateTargets/);
    expect(behind?.Properties).toMatchObject({ HealthCheckTimeoutSeconds: 2, HealthCheckIntervalSeconds: 5 });
    const fullName = { 'Fn::GetAtt': [group?.logicalId, 'TargetGroupFullName'] };
    expect(gateRules(apps.gated).map(({ Properties }) => Properties)).toMatchObject([
      {
        Priority: 49_999,
        Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Gate', Values: [fullName] } }],
      },
    ]);
  });

  it('behind an existing listener it has the priority that is configured, and no host: nobody can guess its value', () => {
    expect(gateRules(apps.behind).map(({ Properties }) => Properties)).toMatchObject([{ Priority: 7, ListenerArn: LISTENER }]);
    expect(gateRules(apps.behind)[0]?.Properties['Conditions']).toHaveLength(1);
  });

  it('lets three functions change the one rule, and one register servers in the one group; one reads the passwords of the gate’s users alone', () => {
    const statements = apps.gated.resources('AWS::IAM::Policy').flatMap(({ logicalId, Properties }) =>
      (Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown }[] }).Statement.map((one) => ({
        role: logicalId.replace(/Function.*|Role.*/, ''),
        actions: [one.Action].flat(),
        resource: JSON.stringify(one.Resource),
      })),
    );
    const having = (action: string, about: RegExp) =>
      statements.filter(({ actions, resource }) => actions.includes(action) && about.test(resource)).map(({ role }) => role);
    expect(having('elasticloadbalancing:ModifyRule', /gaterule/i).toSorted()).toEqual(['CleanUp', 'Reconcile', 'SessionGate']);
    expect(having('elasticloadbalancing:ModifyRule', /"\*"/)).toEqual([]);
    expect(having('elasticloadbalancing:RegisterTargets', /gatetarget/i)).toEqual(['SessionGate']);
    expect(having('secretsmanager:GetSecretValue', /gate\/gate-/)).toEqual(['SessionGate']);
    expect(having('secretsmanager:GetSecretValue', /canary/).filter((role) => role === 'SessionGate')).toEqual([]);
  });

  it('tries the release between the readiness check and the registration, in the roll that says so', () => {
    const [machine] = apps.gated
      .resources('AWS::StepFunctions::StateMachine')
      .filter(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-roll-target');
    const { States } = definitionOf(machine as never) as unknown as { States: Record<string, Record<string, unknown>> };
    expect(States['Is there a session gate?']).toMatchObject({
      Choices: [{ Next: 'Register', Not: { IsPresent: true, Variable: '$.step.roll.sessionGate' } }],
      Default: 'Session gate',
    });
    expect(States['Session gate']).toMatchObject({ TimeoutSeconds: 150, Next: 'Session gate: done?' });
  });

  it('has a recipe with users of its own in one function, and says in others that there is a gate', () => {
    const gate = environmentOf(apps.gated, 'deploy-session-gate');
    expect(gate['Timeout']).toBe(120);
    expect(JSON.parse(gate['HOLDFAST_GATE_RECIPE'] as string)).toMatchObject({ users: GATED.gateUsers, ...RELEASE });
    for (const role of ['deploy-assess', 'deploy-command', 'deploy-dry-run'])
      expect(environmentOf(apps.gated, role)['HOLDFAST_SESSION_GATE'], role).toBe('on');
  });
});

describe('a fleet without one', () => {
  it('has none of its parts, and its deploys say what is missing', () => {
    expect(resourcesOf(apps.usersMissing, 'AWS::ElasticLoadBalancingV2::TargetGroup', /^Gate/)).toEqual([]);
    expect(resourcesOf(apps.usersMissing, 'AWS::Lambda::Function', /SessionGate/)).toEqual([]);
    expect(environmentOf(apps.usersMissing, 'deploy-dry-run')['HOLDFAST_SESSION_GATE']).toBe(
      'no users for the gate: canary.gateUsers is not set',
    );
  });

  it.each([
    [{ canary: canaryConfig() }, /no "release"/],
    [{ canary, strategy: 'sticky' }, /"sticky" sessions are in the servers' memory/],
    [{ canary, existing: { targetGroupArn: 'x' } }, /not one that Holdfast creates/],
    [{ canary, existing: { listenerArn: LISTENER } }, /gatePriority is not set/],
    [
      { canary: canaryConfig(GATED, { ...RELEASE, policy: { loginsPerMinute: 3 } }) },
      /by the limits in canary\.recipe\.policy its controls take 60 s/,
    ],
    [{ canary: canaryConfig(GATED, { ...RELEASE, policy: { requestsPerMinute: 10 } }) }, /its controls take \d+ s/],
  ])('%#: why', (fleet, why) => {
    const of = { strategy: 'redis', members: 'autoScalingGroup', ...fleet } as unknown as FleetConfig;
    expect(sessionGateOf(of)).toMatch(why);
    expect(said(of)).toEqual([expect.stringMatching(/^Deploys of fleet web have no session gate/)]);
  });

  it('a site that allows a few logins a minute has one', () => {
    const of = canaryConfig(GATED, { ...RELEASE, policy: { loginsPerMinute: 4, requestsPerMinute: 30 } });
    expect(sessionGateOf({ strategy: 'redis', members: 'autoScalingGroup', canary: of } as never)).toBe('on');
  });

  it('a fleet without a canary has nothing to say', () => {
    expect(said({ strategy: 'redis', members: 'autoScalingGroup' } as never)).toEqual([]);
  });
});

it.each([
  [{ gateUsers: { a: user('canary-anna'), b: user('gate-ben') } }, /gateUsers\.a\.name.*could end its session/],
  [{ gateUsers: { a: { name: 'gate-anna', password: { environment: 'A' } }, b: user('gate-ben') } }, /gateUsers\.a\.password.*"secret"/],
  [{ gateUsers: { a: user('gate-anna') } }, /gateUsers\.b/],
  [{ gateUsers: { a: user('gate'), b: user('gate-ben') } }, /gateUsers.*part of/],
])('refuses users that a gate could not use: %j', (more, why) => {
  expect(() => parse({ fleets: { web: { allowPlainHttp: true, canary: canaryConfig(more, RELEASE) } } })).toThrow(why);
});

it.each([
  [{ gatePriority: 19 }, /gatePriority \(19\): is the drain rule's \(19\)/],
  [{ gatePriority: 12, drainPriority: 12 }, /gatePriority \(12\): is the drain rule's \(12\)/],
  [{ gatePriority: 20 }, /gatePriority \(20\).*not above the fleet's own rule/],
])('refuses a priority that is another rule of the fleet: %j', (rule, why) => expect(() => parse(behind(rule))).toThrow(why));

it('refuses the last priority of the re-login page', () => {
  const paged = (priorities: object) => {
    const config = behind({ gatePriority: 7 }) as { fleets: { web: object } };
    return () => parse({ ...config, fleets: { web: { ...config.fleets.web, incidents: { reLoginPage: { priorities } } } } });
  };
  expect(paged({ first: 7, last: 7 })).toThrow(/gatePriority \(7\): .*the only one for the re-login page/);
  expect(paged({ first: 7, last: 8 })).not.toThrow();
});
