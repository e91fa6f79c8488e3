/** What an update that is rolled back leaves: what can fail it comes before the state machines, and what it created does not stay. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, EXISTING_GROUP } from './adopted-configs.ts';
import { AWS_CONFIG, EPHEMERAL_CONFIG, EXTENDED_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

/** Every kind of stack that has a state machine. */
const CONFIGS = {
  created: AWS_CONFIG,
  extended: EXTENDED_CONFIG,
  ephemeral: EPHEMERAL_CONFIG,
  sticky: { fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } },
  adopted: adopted(EXISTING_GROUP),
} as const;
let apps: Record<string, SynthesizedApp>;
beforeAll(async () => {
  const made = Object.entries(CONFIGS).map(async ([name, config]) => [name, await SynthesizedApp.create(config)] as const);
  apps = Object.fromEntries(await Promise.all(made));
});
afterAll(async () => {
  for (const one of Object.values(apps ?? {})) await one.remove();
});

const MACHINE = 'AWS::StepFunctions::StateMachine';
/** What a resource waits for by itself: what it refers to, and what it depends on. */
function waitsFor({ Properties, DependsOn = [] }: FoundResource): ReadonlySet<string> {
  const refs = JSON.stringify(Properties ?? {}).matchAll(/\{"Ref":"([A-Za-z0-9]+)"\}|\{"Fn::GetAtt":\["([A-Za-z0-9]+)"/g);
  return new Set([...[DependsOn].flat(), ...[...refs].map(([, ref, attribute]) => ref ?? (attribute as string))]);
}

/** What may come after a state machine, and why that cannot fail an update of it, or who repairs what begins in between. */
const AFTER: Readonly<Record<string, string>> = {
  [MACHINE]: 'only the machines themselves are left to change',
  'AWS::SSM::Parameter': 'the contract, which changes with the version of Holdfast alone',
  'AWS::AutoScaling::LifecycleHook': 'its events start a machine: what a lost execution leaves, the reconciler starts again',
  'AWS::Scheduler::Schedule': 'it starts a sweep: the next one starts where a lost one ended',
};

describe.each(Object.keys(CONFIGS))('an update of an installation, %s,', (name) => {
  const stacks = () => Map.groupBy(apps[name]?.everything ?? [], ({ stackName }) => stackName);

  it('changes a state machine after everything that can fail the update, by its own word', () => {
    let machines = 0;
    for (const resources of stacks().values()) {
      const published = resources.filter(({ Type }) => Type === `${MACHINE}Version`).map(({ Properties }) => Properties['StateMachineArn']);
      const isVersioned = ({ logicalId }: FoundResource) =>
        published.some((of) => JSON.stringify(of) === JSON.stringify({ Ref: logicalId }));
      // What is started by its version alone is not started before that version is named.
      for (const machine of resources.filter((one) => one.Type === MACHINE && !isVersioned(one))) {
        machines += 1;
        const before = waitsFor(machine);
        const after = resources.filter((one) => one !== machine && !before.has(one.logicalId));
        const unexplained = after.filter(({ Type }) => AFTER[Type] === undefined).map(({ logicalId, Type }) => `${logicalId} ${Type}`);
        expect(unexplained, machine.logicalId).toEqual([]);
      }
    }
    expect(machines).toBeGreaterThan(4);
  });

  it('has an order: nothing waits for itself', () => {
    for (const [stack, resources] of stacks()) {
      const left = new Map(resources.map((one) => [one.logicalId, waitsFor(one)]));
      for (let before = -1; before !== left.size; ) {
        before = left.size;
        for (const [id, waits] of left) if (![...waits].some((other) => left.has(other))) left.delete(id);
      }
      expect([...left.keys()], stack).toEqual([]);
    }
  });

  it('changes nothing after the machine of a deploy but the contract', () => {
    for (const resources of stacks().values()) {
      const deploy = resources.find(({ Type, Properties }) => Type === MACHINE && /-deploy$/.test(String(Properties['StateMachineName'])));
      if (!deploy) continue;
      const isLast = (one: FoundResource) => one.Type === 'AWS::SSM::Parameter' || one === deploy;
      expect(resources.filter((one) => !isLast(one) && !waitsFor(deploy).has(one.logicalId)).map(({ logicalId }) => logicalId)).toEqual([]);
    }
  });
});

/** What may stay after a creation that was rolled back, and why that does not refuse the same creation. */
const STAYS: Readonly<Record<string, string>> = {
  'AWS::ElastiCache::ReplicationGroup Snapshot': 'CloudFormation names the snapshot itself; the group is deleted, so that its name is free',
};

it.each(Object.keys(CONFIGS))('a creation that is rolled back leaves nothing that refuses the next one: %s', (name) => {
  const { everything = [] } = apps[name] ?? {};
  const kept = everything.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
  const blocking = kept.filter(
    ({ Type, DeletionPolicy }) => DeletionPolicy !== 'RetainExceptOnCreate' && !STAYS[`${Type} ${DeletionPolicy}`],
  );
  expect(blocking.map(({ logicalId, DeletionPolicy }) => `${logicalId} ${DeletionPolicy}`)).toEqual([]);
  expect(kept.length).toBeGreaterThan(10);
  // What replaces a resource keeps the previous one, whose executions go on.
  const published = kept.filter(({ Type }) => Type.endsWith('Version'));
  expect(new Set(published.map(({ UpdateReplacePolicy }) => UpdateReplacePolicy))).toEqual(new Set(['Retain']));
});
