import type { Records } from '../records/records.ts';
import type { DeployRecord } from '../records/types.ts';
import type { DeployContext } from './contract/common.ts';

/** Sentences in a deploy's record; later ones are not kept, so that the record stays small. */
const MOST_WARNINGS = 20;
/** Steps of several targets can add some at the same time: the list only grows, so its length shows that another one was first. */
const MOST_ATTEMPTS = 10;

/** Adds sentences to the deploy's record, each once. A deploy that has finished gets none. */
export async function addWarnings(
  records: Records,
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  sentences: readonly string[],
): Promise<void> {
  if (sentences.length === 0) return;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const deploy = await records.getDeploy(fleet, deployId);
    if (deploy === undefined || deploy.finishedAtMs !== undefined) return;
    const { warnings: before = [] } = deploy;
    const warnings = [...new Set([...before, ...sentences])].slice(0, MOST_WARNINGS);
    if (warnings.length === before.length) return;
    if (await records.updateDeploy(fleet, deployId, { warnings }, { warnings: before.length })) return;
  }
}

/** Those that the record does not have. Most looks at a fleet find nothing new, and read the record once. */
export const newOnes = (record: Pick<DeployRecord, 'warnings'> | undefined, sentences: readonly string[]): readonly string[] =>
  sentences.filter((sentence) => !record?.warnings?.includes(sentence));
