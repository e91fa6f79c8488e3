/** `npm run soak -- --deploys 50 --json`: exits 1 when a deploy fails or something leaks. */
import path from 'node:path';

// Its own state, so that a cloud that somebody has up in this checkout is neither used nor ended.
process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../.holdfast/soak');
const { endWith } = await import('../../cli/output.ts');
const { listenForInterruption } = await import('../demo/interruption.ts');
const { FIRST_VERSION, NEXT_VERSION, bringUp } = await import('../demo/bring-up.ts');
const { runSoak } = await import('./run-soak.ts');

const DEFAULT_DEPLOYS = 50;
const MOST_DEPLOYS = 1_000;

function readDeploys(args: readonly string[]): number {
  const at = args.indexOf('--deploys');
  const text = at < 0 ? String(DEFAULT_DEPLOYS) : (args[at + 1] ?? '');
  const deploys = Number(text);
  if (!Number.isInteger(deploys) || deploys < 1 || deploys > MOST_DEPLOYS) {
    throw new RangeError(`--deploys is ${JSON.stringify(text)}: it takes a whole number from 1 to ${MOST_DEPLOYS}; nothing was started`);
  }
  return deploys;
}

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const { signal } = listenForInterruption(() => log('stopping everything'));
  const deploys = readDeploys(args);
  const ports = { gatewayPort: 0, pagePort: 0, loadBalancerPort: 0 };
  const installation = await bringUp({ fleet: 'web', realTime: false, ...ports, log, signal });
  try {
    await installation.publish(NEXT_VERSION);
    const { cloud, daemon, loadBalancerUrl } = installation;
    const soak = runSoak({ cloud, state: daemon.state, loadBalancerUrl, releases: [NEXT_VERSION, FIRST_VERSION], deploys, log });
    const interrupted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const result = await Promise.race([soak, interrupted]);
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
    return result.failed === 0 && result.leaks.length === 0 ? 0 : 1;
  } finally {
    await installation.daemon.stop();
  }
}

await endWith(() =>
  main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    if (process.argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ error: { code: error.name, message: error.message } })}\n`);
    return 1;
  }),
);
