import path from 'node:path';
import { expect, it } from 'vitest';
import { deployStatement } from '../../../functions/deploy/contract/statement.ts';
import { endDrainStatement } from '../../../functions/deploy/end-drain/contract.ts';
import { deployInput } from '../../../functions/deploy/settings/settings.ts';
import { doStatement } from '../../../functions/incidents/do/contract.ts';
import { CONTRACT } from '../../../functions/installation/contract.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { publishStatement } from '../../../functions/releases/publish/contract.ts';
import * as z from '../../../functions/shared/schema.ts';
import { sweepInput } from '../../../functions/sweep/read-sweep-input.ts';

const INPUTS = { deployInput, sweepInput, publishStatement, doStatement, endDrainStatement, deployStatement };

const sample = (key: (...args: never[]) => object) =>
  (key as unknown as (...args: unknown[]) => object)(...Array.from({ length: key.length }, (_, index) => `a${index + 1}`));

it('changes with its number alone: increase CONTRACT, then update the snapshots', async () => {
  const contract = {
    inputs: Object.fromEntries(Object.entries(INPUTS).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' })])),
    records: Object.fromEntries(Object.entries(recordKeys).map(([name, key]) => [name, sample(key)])),
  };
  expect(Object.keys(contract.records).length).toBeGreaterThan(25);
  await expect(`${JSON.stringify(contract, undefined, 2)}\n`).toMatchFileSnapshot(
    path.join(import.meta.dirname, '__snapshots__', `contract-${CONTRACT}.json`),
  );
});
