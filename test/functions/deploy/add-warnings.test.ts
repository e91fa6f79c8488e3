import { expect, it } from 'vitest';
import { addWarnings } from '../../../functions/deploy/add-warnings.ts';
import { beginDeploy, DEPLOY } from '../fakes/fixtures.ts';
import { memoryRecords } from '../fakes/memory-records.ts';

it('loses no sentence of steps that add some at the same time', async () => {
  const records = memoryRecords();
  await beginDeploy(records);
  await Promise.all(['one', 'two', 'three', 'four', 'two'].map((sentence) => addWarnings(records, DEPLOY, [sentence])));
  expect((await records.getDeploy('web', DEPLOY.deployId))?.warnings?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
});

it('adds none to a deploy that has finished, or is not on record', async () => {
  const records = memoryRecords();
  await addWarnings(records, DEPLOY, ['early']);
  expect(await records.getDeploy('web', DEPLOY.deployId)).toBeUndefined();
  await beginDeploy(records);
  await records.finishDeploy('web', DEPLOY.deployId, { status: 'SUCCEEDED', finishedAtMs: 1 });
  await addWarnings(records, DEPLOY, ['late']);
  expect((await records.getDeploy('web', DEPLOY.deployId))?.warnings ?? []).not.toContain('late');
});
