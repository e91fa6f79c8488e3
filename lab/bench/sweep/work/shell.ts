/** What people run in a shell to find keys without a TTL. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** @returns CPU seconds of the command and its children */
async function runShell(command: string): Promise<number> {
  const child = spawn('sh', ['-c', `${command}; times`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const printed = await text(child.stdout);
  // The shell's own times, then its children's: user and system.
  const times = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  return times.reduce((sum, seconds) => sum + seconds, 0);
}

export const runMemkeys = (cli: string, port: number): Promise<number> => runShell(`'${cli}' -p ${port} --memkeys > /dev/null`);

/** One TTL command per key, on the first keys only. */
export const runSeedLoop = (cli: string, port: number, slice: number): Promise<number> =>
  runShell(
    `'${cli}' -p ${port} --scan --pattern 'sess:*' | head -n ${slice} | while read key; do
       ttl=$('${cli}' -p ${port} TTL "$key")
       if [ "$ttl" -eq -1 ]; then echo "No TTL: $key"; fi
     done > /dev/null`,
  );
