import { describe, expect, it } from 'vitest';
import { elementsOf, type Table } from '../elements.ts';

const SHARED = { channels: ['lost', 'errors'], covers: () => true };
const tableOf = () => {
  const rows = [
    { cause: 'a', needs: [{ name: 'One.' }, { name: 'Two.' }], yieldsTo: ['b'], explains: SHARED },
    { cause: 'b', needs: [{ name: 'Three.' }], explains: SHARED },
  ];
  const table: Table = {
    name: 'rows',
    rows,
    nameOf: ({ cause }: { cause: string }) => cause,
    fields: ['needs', 'yieldsTo', 'explains.channels', 'explains.covers'],
  };
  return { rows, elements: elementsOf(table) };
};

describe('a table', () => {
  it('is made of its rows, the items of their lists and what they can do without', () => {
    expect(tableOf().elements.map(({ name, asks }) => [name, asks])).toEqual([
      ['rows a', undefined],
      ['rows a needs[0]', 'One.'],
      ['rows a needs[1]', 'Two.'],
      ['rows a yieldsTo[b]', undefined],
      ['rows a explains.channels[lost]', undefined],
      ['rows a explains.channels[errors]', undefined],
      ['rows a explains.covers', undefined],
      ['rows b', undefined],
      ['rows b needs[0]', 'Three.'],
      ['rows b explains.channels[lost]', undefined],
      ['rows b explains.channels[errors]', undefined],
      ['rows b explains.covers', undefined],
    ]);
  });

  it.each(tableOf().elements.map(({ name }, at) => [name, at] as const))('lacks %s while it is taken out, and nothing else', (name, at) => {
    const { rows, elements } = tableOf();
    const before = structuredClone(rows.map(({ explains, ...row }) => ({ ...row, channels: explains.channels })));
    const putBack = elements[at]?.remove();
    const left = elementsOf({
      name: 'rows',
      rows,
      nameOf: ({ cause }: { cause: string }) => cause,
      fields: ['needs', 'yieldsTo', 'explains.channels', 'explains.covers'],
    });
    const asked = ({ name: one, asks }: (typeof left)[number]) => asks ?? one;
    const gone = elements.map(asked).filter((one) => !left.map(asked).includes(one));
    const ofRow = elements.filter(({ row }) => row === name).map(asked);
    expect(gone).toEqual(ofRow.length > 0 ? ofRow : [elements[at]].flatMap((one) => (one ? asked(one) : [])));
    putBack?.();
    expect(rows.map(({ explains, ...row }) => ({ ...row, channels: explains.channels }))).toEqual(before);
    expect(rows.every(({ explains }) => explains === SHARED)).toBe(true);
  });

  it('gets two back in the order in which they were', () => {
    const { rows, elements } = tableOf();
    const back = elements.filter(({ field }) => field === 'needs').map(({ remove }) => remove());
    expect(rows.map(({ needs }) => needs)).toEqual([[], []]);
    for (const one of back.toReversed()) one();
    expect(rows.map(({ needs }) => needs.map(({ name }) => name))).toEqual([['One.', 'Two.'], ['Three.']]);
  });
});
