import { describe, expect, it } from 'vitest';
import { createFaultRegistry } from '../../faults/fault-registry.ts';
import { type FaultInput, faultRule } from '../../faults/fault-rule.ts';
import { faultyEvents } from '../../faults/faulty-events.ts';

const EVENT = {
  source: 'aws.ssm',
  detailType: 'EC2 Command Status-change Notification',
  resources: ['arn:i-1'],
  detail: { status: 'Success' },
};

function bus(rule?: FaultInput) {
  const faults = createFaultRegistry(Date.now);
  if (rule) faults.add(faultRule.parse(rule));
  const sent: unknown[] = [];
  const logged: string[] = [];
  let broken = false;
  const events = faultyEvents(
    {
      put: async (event) => {
        if (broken) throw new Error('the bus is gone');
        sent.push(event);
      },
    },
    faults,
    (line) => logged.push(line),
  );
  return {
    events,
    sent,
    logged,
    breakBus: () => {
      broken = true;
    },
  };
}
const rule = (effect: object, match: object = {}): FaultInput =>
  ({ on: 'event', match: { source: 'aws.ssm', ...match }, effect }) as FaultInput;

describe('an event', () => {
  it('goes on as it came without a fault', async () => {
    const { events, sent } = bus();
    await events.put(EVENT);
    expect(sent).toEqual([EVENT]);
  });

  it.each<[string, object, object, number]>([
    ['is lost', { kind: 'drop' }, {}, 0],
    ['is lost by its detail', { kind: 'drop' }, { resource: 'Success' }, 0],
    ['of another source goes on', { kind: 'drop' }, { source: 'aws.states' }, 1],
    ['of another status goes on', { kind: 'drop' }, { resource: 'Failed' }, 1],
    ['comes twice', { kind: 'twice' }, { detailType: 'EC2 Command *' }, 2],
  ])('%s', async (_, effect, match, times) => {
    const { events, sent } = bus(rule(effect, match));
    await events.put(EVENT);
    expect(sent).toHaveLength(times);
  });

  it('comes late without delaying its sender; its errors are logged', async () => {
    const { events, sent, logged, breakBus } = bus(rule({ kind: 'delay', ms: 60 }));
    await events.put(EVENT);
    expect(sent).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(sent).toHaveLength(1);
    await events.put(EVENT);
    breakBus();
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(logged).toEqual([expect.stringContaining('the bus is gone')]);
  });
});
