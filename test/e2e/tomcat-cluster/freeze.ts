/** Servers of the kept cloud that stop answering: their Tomcat is held, so that nothing starts it again. */
import { readdirSync, readFileSync } from 'node:fs';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended, or is another user's.
    return '';
  }
};

/** Processes of the Tomcats at these addresses, of the cloud with this folder. */
function tomcatsAt(addresses: readonly string[], runFolder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes('org.apache.catalina.startup.Bootstrap'))
    .filter((pid) => {
      const environment = read(`/proc/${pid}/environ`).split('\0');
      const isOfCloud = environment.some((line) => line.includes(runFolder));
      return isOfCloud && addresses.some((address) => environment.includes(`HOLDFAST_NODE_ADDRESS=${address}`));
    })
    .map(Number);
}

/** @returns what lets them go on. @throws Error unless each address has one */
export function freezeTomcats(addresses: readonly string[], runFolder: string): () => void {
  const pids = tomcatsAt(addresses, runFolder);
  if (pids.length !== addresses.length) throw new Error(`${pids.length} Tomcats run at ${addresses.join(', ')}`);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}
