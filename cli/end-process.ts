/** How a command that is a process of its own ends: after what it printed was read, and without a trace where nobody reads any more. */
import { constants } from 'node:os';

/** What shells report for a program whose reader has gone: 128 and the number of SIGPIPE. */
const READER_GONE = 128 + constants.signals.SIGPIPE;

/**
 * Runs the work of this process, and ends it with the work's exit code. A pipe takes 64 KiB at a time, and exiting earlier would cut off the
 * rest. Where standard output is closed, as by `| head`, the process ends with 141; what it started in AWS goes on.
 */
export async function endWith(work: () => Promise<number>): Promise<never> {
  process.stdout.on('error', gone);
  // Nobody reads the sentence that would report it.
  process.stderr.on('error', () => {});
  const code = await work();
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}

function gone(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(READER_GONE);
  throw error;
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
