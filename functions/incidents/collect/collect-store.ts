import { LambdaClient } from '@aws-sdk/client-lambda';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { invokeFunction } from '../../shared/aws/invoke-function.ts';
import type { ReplicationGroup } from '../../shared/aws/replication-group.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { describeError } from '../../shared/errors.ts';
import { COLLECT_SOURCES_ENV, type Collector } from '../contract/environment.ts';
import { WITNESS_LIMIT_MS, type Witnessed, witnessFunctionName } from '../contract/store-facts.ts';
import { withoutClients } from '../report/plain.ts';
import { chooseFleets, type Fleets } from './fleets.ts';

/** `group`: undefined for a store that the installation knows by its endpoint only. */
export type StoreGroupPorts = { readonly group: Pick<ReplicationGroup, 'describe' | 'events'> | undefined; readonly now: () => number };

/** What is shown of many: a store that fails over again and again has the same ones. */
const MOST_EVENTS = 100;

export function createStoreGroup({ group, now }: StoreGroupPorts): Collector<'storeGroup'> {
  return async ({ fromMs }) => {
    if (!group) return { gap: 'the configuration names no replication group, so ElastiCache was not asked about the store' };
    const takenAtMs = now();
    const described = await group.describe();
    const events = await group.events(
      described.members.map(({ node }) => node),
      fromMs,
      takenAtMs,
    );
    const left = events.length - MOST_EVENTS;
    const latest = events.slice(-MOST_EVENTS).map(({ message, ...event }) => ({ ...event, message: withoutClients(message) }));
    return { takenAtMs, facts: { ...described, events: latest }, ...(left > 0 && { gaps: [`the ${left} oldest events are left out`] }) };
  };
}

export type AskWitness = (fleet: string) => Promise<Witnessed>;

/** Its own limit, and a cold start in the VPC. It is asked once: the next minute asks again. */
const INVOKE_OPTIONS = {
  maxAttempts: 1,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: WITNESS_LIMIT_MS + 7_000 },
} as const;

export function askWitnessFrom(environment: Environment): AskWitness {
  const installation = required(environment, COLLECT_SOURCES_ENV.installation);
  const lambda = new LambdaClient(INVOKE_OPTIONS);
  return (fleet) => invokeFunction<Witnessed>(lambda, `${witnessFunctionName(installation, fleet)}:live`, { step: 'witness' });
}

export type WitnessPorts = { readonly fleets: Fleets; readonly ask: AskWitness; readonly now: () => number };

/** A new account has ten functions at once, and a runbook takes some: this many fleets are asked at a time. */
const AT_ONCE = 2;

export function createWitnessCollector({ fleets, ask, now }: WitnessPorts): Collector<'witness'> {
  return async (request) => {
    const takenAtMs = now();
    const chosen = chooseFleets(fleets, request);
    const asked = chosen.filter(({ witness }) => witness).map(({ name }) => name);
    if (asked.length === 0) return { gap: 'the security group of the servers is not known, so that nothing can use the store as they do' };
    const found: Witnessed[] = [];
    const gaps: string[] = [];
    const left = [...asked];
    const askNext = async (): Promise<void> => {
      for (let fleet = left.shift(); fleet !== undefined; fleet = left.shift()) {
        try {
          found.push(await ask(fleet));
        } catch (error) {
          gaps.push(`fleet ${fleet}: ${describeError(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askNext));
    if (asked.length < chosen.length) gaps.push('fleets whose servers’ security group is not known were not asked');
    return { takenAtMs, facts: { fleets: found }, ...(gaps.length > 0 && { gaps }) };
  };
}
