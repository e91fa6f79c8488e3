import { describe, expect, it } from 'vitest';
import {
  ALL_SLOTS,
  countSlots,
  hasSlot,
  inBoth,
  ownedSlots,
  readSlots,
  type SlotRange,
  slotSet,
  slotsText,
  without,
} from '../../../../functions/sweep/slots/slot-set.ts';

describe('a set of slots', () => {
  it('joins ranges that touch or overlap', () => {
    const set = slotSet([
      [10, 20],
      [0, 4],
      [5, 9],
      [15, 30],
      [40, 40],
    ]);
    expect(slotsText(set)).toBe('0-30,40');
    expect(countSlots(set)).toBe(32);
    expect(readSlots('0-30,40')).toEqual(set);
    expect(readSlots('')).toEqual([]);
  });

  it('agrees with sets of numbers, for any ranges', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const some = () =>
      Array.from({ length: random(6) }, (): SlotRange => {
        const first = random(60);
        return [first, first + random(10)];
      });
    for (let round = 0; round < 300; round += 1) {
      const [one, other] = [slotSet(some()), slotSet(some())];
      for (let slot = 0; slot < 75; slot += 1) {
        const [isInOne, isInOther] = [hasSlot(one, slot), hasSlot(other, slot)];
        expect(hasSlot(inBoth(one, other), slot)).toBe(isInOne && isInOther);
        expect(hasSlot(without(one, other), slot)).toBe(isInOne && !isInOther);
        expect(hasSlot(slotSet([...one, ...other]), slot)).toBe(isInOne || isInOther);
      }
    }
    expect(without(ALL_SLOTS, ALL_SLOTS)).toEqual([]);
  });
});

describe('the slots of a node', () => {
  it('are those of its own line, without the ones that are moving', () => {
    const nodes = [
      'aaa 10.0.0.1:6379@16379 master - 0 1 2 connected 0-5460',
      'bbb 10.0.0.2:6379@16379,b.example myself,master - 0 1 3 connected 5461-10922 12000 [5500->-aaa] [77-<-aaa]',
      '',
    ].join('\n');
    const { stable, moving } = ownedSlots(nodes);
    expect([slotsText(stable), slotsText(moving)]).toEqual(['5461-5499,5501-10922,12000', '77,5500']);
  });

  it('are none of a replica', () => {
    expect(ownedSlots('ccc 10.0.0.3:6379@16379 myself,slave aaa 0 1 2 connected\n')).toEqual({ stable: [], moving: [] });
  });
});
