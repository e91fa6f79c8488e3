import type { DeployRecords } from '../records/records.ts';
import type { DeployContext } from './contract/common.ts';

/** Sentences in a deploy's record; later ones are not kept, so that the record stays small. */
const MOST_WARNINGS = 20;

/** Adds sentences to the deploy's record, each once. Only one step of a deploy runs at a time. */
export async function addWarnings(
  records: Pick<DeployRecords, 'getDeploy' | 'updateDeploy'>,
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  sentences: readonly string[],
): Promise<void> {
  if (sentences.length === 0) return;
  const { warnings: before = [] } = (await records.getDeploy(fleet, deployId)) ?? {};
  const warnings = [...new Set([...before, ...sentences])].slice(0, MOST_WARNINGS);
  if (warnings.length > before.length) await records.updateDeploy(fleet, deployId, { warnings });
}
