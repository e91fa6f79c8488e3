/**
 * `npm run check:monitoring`: does every rule and every panel of ops/monitoring find its data? With `--json` one line:
 * `{"rules","rulesWithData","panels","panelsWithData"}`. Ends with 1 when one does not.
 */
import { endWith } from '../../cli/output.ts';
import { readSetup } from '../../setup/read-setup.mjs';
import { ensureMonitoringPrograms } from '../../setup/set-up.mjs';
import { listenForInterruption, untilAborted } from '../demo/interruption.ts';
import { checkMonitoring } from './check-monitoring.ts';

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--json');
  if (unknown.length > 0) {
    process.stderr.write(`check:monitoring has no option ${unknown.join(' ')}: its only option is --json\n`);
    return 2;
  }
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const programs = await ensureMonitoringPrograms();
  const { signal } = listenForInterruption(() => log('stopping everything'));
  const check = checkMonitoring({ programs, stores: readSetup().stores }, log);
  const { missing, ...report } = await untilAborted(check, signal);
  for (const { kind, name, query } of missing) log(`no data: ${kind} ${name}: ${query}`);
  const { rules, rulesWithData, panels, panelsWithData } = report;
  const text = `rules   ${rulesWithData} of ${rules} have data\npanels  ${panelsWithData} of ${panels} have data\n`;
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(report)}\n` : text);
  return missing.length === 0 ? 0 : 1;
}

await endWith(() =>
  main(process.argv.slice(2)).catch((error: Error & { exitCode?: number }) => {
    process.stderr.write(`${error.message}\n`);
    if (process.argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ error: { code: error.name, message: error.message } })}\n`);
    return error.exitCode ?? 1;
  }),
);
