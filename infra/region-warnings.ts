/** A warning at synthesis about a Region that could be a typing mistake; AWS adds Regions, so that it is no error. Pure. */
import { unknownRegion } from '../functions/shared/aws/partition.ts';
import type { Warning } from './strategy-warnings.ts';

export function regionWarnings(region: string): Warning[] {
  const message = unknownRegion(region);
  return message === undefined ? [] : [{ id: 'holdfast:unknown-region', message }];
}
