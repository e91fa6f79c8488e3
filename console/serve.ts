/** The console of whatever the caller's credentials reach, until Ctrl-C. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { CloudOptions } from '../cli/cloud.ts';
import { badInput, toFailure } from '../cli/failure.ts';
import { connectToRead } from '../cli/installation/connect-to-installation.ts';
import { type Output, showWait } from '../cli/output.ts';
import { STORE_PART } from '../functions/shared/naming.ts';
import { createBackend } from './backend.ts';
import { hourlyCost, SHARED_MS } from './hourly-cost.ts';
import { type Console, startConsole } from './server.ts';

/** For the bodies of a few dashboards. */
const COST_MS = 10_000;

/** @returns the exit code. @throws CommandFailure PortTaken */
export async function serve({ port, ...options }: CloudOptions & { readonly port: number }, output: Output): Promise<number> {
  const cloud = await connectToRead(options, STORE_PART, true);
  output.at(cloud);
  const token = randomBytes(24).toString('base64url');
  const backend = createBackend(cloud);
  const shareMs = cloud.local ? undefined : SHARED_MS;
  const served = await startConsole({ port, token, backend: async () => backend, shareMs }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    throw badInput(
      'PortTaken',
      `Port ${port} of 127.0.0.1 cannot be used (${error.code}): choose another with --port, or leave it out to get a free one.`,
    );
  });
  const link = `${served.url}#token=${token}`;
  output.result({ link }, () =>
    [
      `console  ${link}`,
      'The link is for you alone: its token lets anyone on this machine read and act with your rights. Ctrl-C ends the console.',
    ].join('\n'),
  );
  if (!cloud.local) {
    const late = setTimeout(COST_MS, 'Its cost is not known: counting it took too long.', { ref: false });
    output.progress(
      await Promise.race([late, hourlyCost(backend).catch((error: unknown) => `Its cost is not known: ${toFailure(error).message}`)]),
    );
  }
  await showWait(undefined, () => untilInterrupted(served));
  return 0;
}

async function untilInterrupted(served: Console): Promise<void> {
  const ended = new AbortController();
  await Promise.race((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => once(process, name, ended)));
  ended.abort();
  await served.close();
}
