/** Takes the place of functions/shared/metrics.ts during runs. */
import type { MetricSink } from '../../../../functions/shared/metrics.ts';
import { currentInvocation } from '../current-invocation.ts';
import { currentSeam } from '../current-seam.ts';

export function createMetrics(_dimension: string, _owner: string): MetricSink {
  const write = (name: string, value: number, unit: 'Count' | 'Seconds') =>
    currentSeam().metric({ name, value, unit }, currentInvocation.getStore());
  return {
    count: (name, value = 1) => write(name, value, 'Count'),
    seconds: (name, value) => write(name, value, 'Seconds'),
  };
}
