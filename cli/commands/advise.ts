import { advise as adviseOn } from '../../advisor/advise.ts';
import { renderAdvice } from '../advise/render-advice.ts';
import type { Output } from '../output.ts';

export interface AdviseOptions {
  readonly servers: number;
  readonly sessionBytes?: number;
  readonly cloud?: boolean;
  readonly ha?: boolean;
  readonly zeroDowntime?: boolean;
  readonly existing?: boolean;
  readonly legacy?: boolean;
}

/** Says where sessions should live, by the strategy matrix. Asks no cloud and changes nothing. */
export async function advise(options: AdviseOptions, output: Output): Promise<void> {
  const { servers, sessionBytes, cloud = false, ha = false, zeroDowntime = false, existing = false, legacy = false } = options;
  const system = legacy ? 'legacy' : existing ? 'existing' : 'new';
  const advice = adviseOn({ servers, system, cloud, ha, zeroDowntime, sessionBytes });
  output.result(advice, () => renderAdvice(advice));
}
