import { Logger } from '@aws-lambda-powertools/logger';
import type { Log, LogEvent, LogFields } from './log-events.ts';

/** Structured log lines on standard output, by Powertools. @param service value of the field `service` in each line */
export function createLog(service: string): Log {
  const logger = new Logger({ serviceName: service });
  const write =
    (level: 'info' | 'warn') =>
    (event: LogEvent, fields: LogFields = {}) =>
      logger[level](event, { event, ...fields });
  return { info: write('info'), warn: write('warn') };
}
