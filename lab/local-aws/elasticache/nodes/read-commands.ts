import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { freePort, releasePort } from '../../../processes/free-port.ts';
import type { GroupOptions } from '../../../processes/process-group.ts';
import { waitUntil } from '../../../processes/wait.ts';
import type { CommandNames } from '../access/known-commands.ts';
import { openAdminConnection } from './admin-connection.ts';
import { startServerProcess } from './server-process.ts';

const START_TIMEOUT_MS = 10_000;
/** Where COMMAND's description of a command has its subcommands. @see https://valkey.io/commands/command/ */
const SUBCOMMANDS = 9;

/**
 * Asks a server for its commands, by starting it for a moment.
 *
 * @param folder for its configuration and log; removed afterwards
 * @throws Error when it does not start
 */
export async function readCommands(binary: string, folder: string, ledger: GroupOptions['ledger']): Promise<CommandNames> {
  const port = await freePort();
  const password = randomBytes(24).toString('hex');
  const configuration = `bind 127.0.0.1\nport ${port}\nsave ""\ndaemonize no\nlogfile server.log\nrequirepass ${password}\n`;
  const server = await startServerProcess({ binary, name: 'commands', folder, ledger, configuration, onUnexpectedExit: () => {} });
  const connection = openAdminConnection({ host: '127.0.0.1', port }, { password });
  try {
    const answers = async () => !server.running() || (await connection.command('PING')) === 'PONG';
    await waitUntil(`the start of ${binary}`, answers, { timeoutMs: START_TIMEOUT_MS, pollMs: 10 });
    if (!server.running()) throw new Error(server.lastWords());
    return new Set(namesIn((await connection.command('COMMAND')) as readonly unknown[]));
  } finally {
    connection.close();
    await server.stop();
    releasePort(port);
    rmSync(folder, { recursive: true, force: true });
  }
}

function namesIn(commands: readonly unknown[]): readonly string[] {
  return commands.flatMap((command) => {
    const fields = command as readonly unknown[];
    return [String(fields[0]).toLowerCase(), ...namesIn((fields[SUBCOMMANDS] ?? []) as readonly unknown[])];
  });
}
