/** The faults that are set now, and which of them hits what happens. */
import type { Log, Now } from '../interfaces.ts';
import type { CallEffect, CreationEffect, EventEffect, FaultOn, FaultReport, FaultRule, InvocationEffect } from './fault-rule.ts';

/** What a rule is held against. `texts` are the names that a resource pattern may fit. */
export interface CallFacts {
  readonly service: string;
  readonly action: string;
  readonly caller: string;
  readonly texts: readonly string[];
}
export interface EventFacts {
  readonly source: string;
  readonly detailType: string;
  readonly texts: readonly string[];
}
export interface InvocationFacts {
  readonly function: string;
  readonly texts: readonly string[];
}

export interface CreationFacts {
  readonly stack: string;
  readonly type: string;
  readonly logicalId: string;
}

export interface FaultRegistry {
  /** @throws Error when too many are set */
  add(rule: FaultRule): string;
  /** Undefined when there is no such rule. */
  remove(id: string): FaultReport | undefined;
  /** Removes every rule. */
  reset(): readonly FaultReport[];
  list(): readonly FaultReport[];
  /** Whether a rule is about calls of this service; requests to other services are not read for faults. */
  concerns(service: string): boolean;
  /** Whether a rule is about creations; without one, resources are created without a question. */
  concernsCreations(): boolean;
  ofCall(facts: CallFacts): CallEffect | undefined;
  ofEvent(facts: EventFacts): EventEffect | undefined;
  ofInvocation(facts: InvocationFacts): InvocationEffect | undefined;
  ofCreation(facts: CreationFacts): CreationEffect | undefined;
  agentIsSilent(instanceId: string): boolean;
  /** What is in front of the group's nodes. */
  ofStore(groupId: string): FaultOn<'store'>['effect']['kind'] | undefined;
  ofPackage(instanceId: string, packageName: string): FaultOn<'packages'>['effect'] | undefined;
  /** Undefined without a rule about it. */
  propagationLagMs(): number | undefined;
  /** The lag of a new rule of EventBridge; undefined without a fault about it. */
  newRuleLagMs(name: string): number | undefined;
}

const MOST_RULES = 100;
const CHECKED_REPEATEDLY: readonly FaultRule['on'][] = ['agent', 'propagation', 'store'];
/** A test that ended badly must not leave a cloud that is kept for others broken for ever. */
const LONGEST_LIFE_MS = 30 * 60_000;

interface SetRule {
  readonly id: string;
  readonly rule: FaultRule;
  readonly setAtMs: number;
  matched: number;
  applied: number;
}

export function createFaultRegistry(now: Now, log: Log = () => {}): FaultRegistry {
  const rules = new Map<string, SetRule>();
  let ids = 0;

  const inForce = ({ rule, setAtMs }: SetRule): boolean => now() - setAtMs < Math.min(rule.when.forMs ?? LONGEST_LIFE_MS, LONGEST_LIFE_MS);
  /** The first rule in force that fits and is due takes effect; each that fits counts it. */
  const hit = <On extends FaultRule['on']>(
    on: On,
    fits: (match: FaultOn<On>['match']) => boolean,
    what: string,
  ): FaultOn<On> | undefined => {
    let taken: FaultRule | undefined;
    for (const set of rules.values()) {
      const { rule } = set;
      if (rule.on !== on || !inForce(set) || !fits(rule.match as FaultOn<On>['match'])) continue;
      set.matched += 1;
      if (taken !== undefined || !isDue(rule.when, set.matched)) continue;
      set.applied += 1;
      taken = rule;
      // What is checked repeatedly is logged once.
      if (set.applied === 1 || !CHECKED_REPEATEDLY.includes(on)) log(`${set.id}: ${rule.effect.kind} for ${what}`);
    }
    return taken as FaultOn<On> | undefined;
  };

  return {
    add(rule) {
      if (rules.size >= MOST_RULES) throw new Error(`${MOST_RULES} faults are set: remove some first`);
      ids += 1;
      const id = `fault-${ids}`;
      rules.set(id, { id, rule, setAtMs: now(), matched: 0, applied: 0 });
      return id;
    },
    remove(id) {
      const set = rules.get(id);
      rules.delete(id);
      return set && reportOf(set);
    },
    reset() {
      const reports = [...rules.values()].map(reportOf);
      rules.clear();
      return reports;
    },
    list: () => [...rules.values()].map(reportOf),
    concerns: (service) => [...rules.values()].some(({ rule }) => rule.on === 'call' && rule.match.service === service),
    concernsCreations: () => [...rules.values()].some(({ rule }) => rule.on === 'creation'),
    ofCall: ({ service, action, caller, texts }) =>
      hit(
        'call',
        (match) =>
          match.service === service && fitsText(match.action, action) && fitsText(match.caller, caller) && fitsAny(match.resource, texts),
        `${service}:${action} of ${caller}`,
      )?.effect,
    ofEvent: ({ source, detailType, texts }) =>
      hit(
        'event',
        (match) => match.source === source && fitsText(match.detailType, detailType) && fitsAny(match.resource, texts),
        `${source} ${detailType}`,
      )?.effect,
    ofInvocation: (facts) =>
      hit(
        'invocation',
        (match) => fitsText(match.function, facts.function) && fitsAny(match.payload, facts.texts),
        `an invocation of ${facts.function}`,
      )?.effect,
    ofCreation: ({ stack, type, logicalId }) =>
      hit(
        'creation',
        (match) => fitsText(match.stack, stack) && fitsText(match.type, type) && fitsText(match.logicalId, logicalId),
        `the creation of ${logicalId} (${type}) in ${stack}`,
      )?.effect,
    agentIsSilent: (instanceId) => hit('agent', (match) => fitsText(match.instanceId, instanceId), instanceId) !== undefined,
    ofStore: (groupId) => hit('store', (match) => fitsText(match.group, groupId), groupId)?.effect.kind,
    ofPackage: (instanceId, packageName) =>
      hit(
        'packages',
        (match) => fitsText(match.instanceId, instanceId) && fitsText(match.package, packageName),
        `${packageName} on ${instanceId}`,
      )?.effect,
    newRuleLagMs: (name) => hit('newRule', (match) => fitsText(match.name, name), `the new rule ${name}`)?.effect.ms,
    propagationLagMs: () => hit('propagation', () => true, 'changes of load balancers')?.effect.ms,
  };
}

const reportOf = ({ id, rule, matched, applied }: SetRule): FaultReport => ({ id, rule, matched, applied });

/** @param count which of what fitted this is, from 1 */
function isDue(when: FaultRule['when'], count: number): boolean {
  const { nth, first } = when as FaultOn<'call'>['when'];
  return (nth === undefined || count === nth) && (first === undefined || count <= first);
}

function fitsText(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const source = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${source.join('[\\s\\S]*')}$`).test(text);
}

const fitsAny = (pattern: string | undefined, texts: readonly string[]): boolean =>
  pattern === undefined || texts.some((text) => fitsText(pattern, text));

/** Every text in a value, without the names of members, up to a maximum, since a body can be long. */
export function textsOf(value: unknown, found: string[] = []): string[] {
  if (found.length >= MOST_TEXTS) return found;
  if (typeof value === 'string') found.push(value);
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) textsOf(member, found);
  return found;
}
const MOST_TEXTS = 1_000;
