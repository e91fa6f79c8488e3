import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../infra/config.ts';
import { adopted, BEHIND_A_LISTENER, LISTENER } from '../adopted-configs.ts';
import { canaryConfig } from '../canary-config.ts';

const OTHER_LISTENER = LISTENER.replace(/.$/, '2');

const user = (name: string) => ({ name, password: { secret: `gate/${name}` } });
const canary = canaryConfig(
  { gateUsers: { a: user('gate-anna'), b: user('gate-ben') } },
  { release: { get: '/version', take: { json: 'version' } } },
);

/** A fleet behind a listener that exists. */
function fleet(
  priority: number,
  { drainPriority, gatePriority, ...more }: { drainPriority?: number; gatePriority?: number; listenerArn?: string; strategy?: string } = {},
) {
  const { strategy = 'redis', listenerArn = LISTENER } = more;
  const listenerRule = { priority, hosts: [`h${priority}.example.com`], paths: [], drainPriority, gatePriority };
  return {
    ...(gatePriority !== undefined && { canary }),
    strategy,
    existing: { ...BEHIND_A_LISTENER.existing, listenerArn, listenerRule },
  };
}

function problems(web: object, api: object): string[] {
  try {
    parseConfig(JSON.stringify({ ...adopted(BEHIND_A_LISTENER), fleets: { web, api } }), 'the test');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').filter((line) => line.includes('riority'));
  }
}

describe('the listener rules of two fleets', () => {
  it.each<[string, object, object]>([
    ['have priorities of their own', fleet(10), fleet(20)],
    ['are on listeners of their own', fleet(10), fleet(10, { listenerArn: OTHER_LISTENER })],
    ['leave room for the drain rule', fleet(11), fleet(20, { strategy: 'sticky' })],
    ['have a gate each', fleet(10, { gatePriority: 3 }), fleet(20, { gatePriority: 4 })],
    // Nobody's requests match a gate.
    ['have a gate below a drain rule', fleet(30, { gatePriority: 15 }), fleet(20, { strategy: 'sticky', drainPriority: 12 })],
    ['name a gate that is not there', fleet(10), fleet(20, { gatePriority: 10, strategy: 'sticky' })],
    ['follow each other', fleet(20, { strategy: 'sticky' }), fleet(18, { strategy: 'sticky' })],
    ['need no room above where no sessions are waited for', fleet(19), fleet(20)],
  ])('that %s are fine', (_, web, api) => expect(problems(web, api)).toEqual([]));

  it.each<[string, object, object, RegExp]>([
    ['one priority', fleet(10), fleet(10), /fleets\.api\.existing\.listenerRule\.priority \(10\): is 10, as priority of fleet web/],
    [
      'no room for the drain rule, whose priority is one less',
      fleet(19),
      fleet(20, { strategy: 'sticky' }),
      /fleets\.api\.existing\.listenerRule\.drainPriority \(absent\): is 19, as priority of fleet web on the same listener/,
    ],
    [
      'the priority of a drain rule',
      fleet(20, { strategy: 'sticky' }),
      fleet(19),
      /fleets\.api\.existing\.listenerRule\.priority \(19\): is 19, as drainPriority of fleet web/,
    ],
    [
      'a gate at the priority of a rule',
      fleet(10),
      fleet(20, { gatePriority: 10 }),
      /gatePriority \(10\): is 10, as priority of fleet web/,
    ],
    [
      'one priority of two gates',
      fleet(10, { gatePriority: 3 }),
      fleet(20, { gatePriority: 3 }),
      /gatePriority \(3\): is 3, as gatePriority of fleet web/,
    ],
    [
      'a rule between a drain rule and its own',
      fleet(15),
      fleet(20, { strategy: 'sticky', drainPriority: 12 }),
      /drainPriority \(12\): is 12 and leaves room for the rule of fleet web \(priority 15\).*directly above the fleet's own rule, priority 20/,
    ],
  ])('are refused with %s', (_, web, api, problem) => expect(problems(web, api)).toEqual([expect.stringMatching(problem)]));
});
