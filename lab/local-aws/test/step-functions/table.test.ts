import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizedDefinitions } from './definitions.ts';
import { ELSEWHERE, isElsewhere, NOT_USED } from './elsewhere.ts';
import { type AnyDefinition, inventoryOf } from './inventory.ts';
import { judge } from './judge.ts';
import { stepFunctionsPage } from './page.ts';
import { coveredBy, inventoryOfRow } from './rows-cover.ts';
import type { RowResult } from './run-row.ts';
import { runSimulated } from './simulated-cloud.ts';
import { TABLE } from './table.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../../..');
/** Machines that the simulation runs: lab/simulation/installation. */
const SIMULATED = ['deploy', 'roll-target', 'clean-up', 'launch', 'terminate'].map((name) => `holdfast-web-${name}`);

let definitions: ReadonlyMap<string, AnyDefinition>;
let inventory: readonly string[];
let simulated: readonly RowResult[];

beforeAll(async () => {
  definitions = await synthesizedDefinitions();
  inventory = inventoryOf([...definitions.values()]);
  simulated = await Promise.all(TABLE.map((row) => runSimulated(row)));
});

describe('the table', () => {
  it('covers everything that a synthesized definition uses', () => {
    const covered = coveredBy(TABLE);
    expect(inventory.filter((item) => !covered.has(item) && !isElsewhere(item))).toEqual([]);
  });

  it('has nothing that no definition and no code relies on', () => {
    for (const { name, covers, reliedOnBy } of TABLE) {
      expect(covers.length > 0 || reliedOnBy !== undefined, name).toBe(true);
      expect(
        covers.filter((item) => !inventory.includes(item)),
        name,
      ).toEqual([]);
      if (reliedOnBy) expect(existsSync(path.join(REPOSITORY, reliedOnBy)), reliedOnBy).toBe(true);
    }
    for (const { items } of ELSEWHERE)
      expect(
        inventory.some((item) => items.test(item)),
        String(items),
      ).toBe(true);
  });

  it.each(TABLE.map((row) => [row.name, row] as const))('%s shows what it says that it covers', (_, row) => {
    const own = inventoryOfRow(row);
    expect(row.covers.filter((item) => !own.includes(item))).toEqual([]);
    expect(row.sources.map(({ kind }) => kind)).toContain('page');
    if (row.sources.every(({ kind }) => kind === 'recording' || kind === 'measurement')) expect(row.notOnPages).toBeDefined();
    expect(row.must.length > 1).toBe(row.readings !== undefined);
  });

  it('lists what no definition uses', () => {
    expect(inventory.filter((item) => NOT_USED.some((unused) => item.startsWith(unused)))).toEqual([]);
  });

  it('is what docs/internals/step-functions.md shows, as "npm run docs -- step-functions" writes it', () => {
    expect(readFileSync(path.join(REPOSITORY, 'docs/internals/step-functions.md'), 'utf8')).toBe(stepFunctionsPage(simulated));
  });

  it('names each row once', () => {
    expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
  });
});

describe("the simulation's interpreter", () => {
  it('does what AWS does in every row that it can run', () => {
    expect(judge('simulation', simulated).problems).toEqual([]);
  });

  it('runs a row for everything that the machines of the simulation use', () => {
    const used = inventoryOf(SIMULATED.map((name) => definitions.get(name) as AnyDefinition));
    const ran = coveredBy(TABLE.filter((_, index) => simulated[index]?.result === 'agrees'));
    expect(used.filter((item) => !ran.has(item) && !isElsewhere(item))).toEqual([]);
  });
});
