/** Takes the place of functions/shared/logger.ts during runs: log lines go into the timeline. */
import type { Log } from '../../../../functions/shared/log-events.ts';
import { currentSeam } from '../current-seam.ts';

export function createLog(service: string): Log {
  const write =
    (level: string): Log['info'] =>
    (event, fields = {}) =>
      currentSeam().kernel.note('log', `${level} ${service} ${event} ${JSON.stringify(fields)}`);
  return { info: write('info'), warn: write('warn') };
}
