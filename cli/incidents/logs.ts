import { LINES_ROLE, type LinesReply, type LinesStatement, type ServerLines } from '../../functions/incidents/lines/contract.ts';
import { printable } from '../../functions/shared/foreign-text.ts';
import { functionName, INCIDENTS_PART } from '../../functions/shared/naming.ts';
import { callFunction } from '../call-function.ts';
import type { CloudOptions } from '../cloud.ts';
import { EXIT } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import type { Output } from '../output.ts';

export interface LogsOptions extends CloudOptions {
  /** Milliseconds since the epoch. */
  readonly around: number;
  /** Before and after that. @default 2 */
  readonly minutes?: number;
  /** The only server. @default each that is registered */
  readonly server?: string;
}

/**
 * Prints what the application wrote around a time on each server, as the server has redacted it.
 * @returns the exit code: 1 where no server gave its lines
 * @throws CommandFailure the function's refusals
 */
export async function logs({ around, minutes = 2, server, ...options }: LogsOptions, output: Output): Promise<number> {
  const cloud = await connectToRead(options, INCIDENTS_PART, true);
  output.at(cloud);
  const { installation, fleet } = cloud;
  output.print(`Asking the servers of ${fleet}; this takes up to a minute.`);
  const { servers, requestedBy, notAsked } = await callFunction<LinesReply>(cloud, {
    functionName: functionName(installation, fleet, LINES_ROLE),
    statement: { aroundMs: around, minutes, ...(server !== undefined && { server }) } satisfies Omit<LinesStatement, 'requestedBy'>,
    timeoutMs: 80_000,
    failed: { code: 'RequestFailed', message: 'Nothing was changed. Run the same command again.' },
  });
  output.result({ fleet, around: new Date(around).toISOString(), minutes, requestedBy, servers, notAsked }, () =>
    [...servers.map(serverText), ...(notAsked > 0 ? [`${notAsked} more servers were not asked: name one with --server.`] : [])].join(
      '\n\n',
    ),
  );
  return servers.every((one) => 'gap' in one) ? EXIT.failed : 0;
}

function serverText(server: ServerLines): string {
  const head = `${server.instanceId}:`;
  if ('gap' in server) return `${head} ${printable(server.gap)}`;
  const { lines, cut, gaps } = server;
  return [
    lines.length === 0 ? `${head} no line within that time` : head,
    ...lines.map(([atMs, text]) => `  ${new Date(atMs).toISOString().slice(11, 23)} ${printable(text)}`),
    ...(cut ? ['  There are more than fit: fewer --minutes show all of a shorter time.'] : []),
    ...gaps.map((gap) => `  Not read: ${printable(gap)}`),
  ].join('\n');
}
