/** `npm run bench:alarms`: do the alarms see what people see, and nothing else? */
import { leaveOutBundles } from '../../simulation/installation/synthesize-without-bundles.ts';

leaveOutBundles();
// What they load has the infrastructure in it.
const [{ printJson }, { progressLog, runBench }, { bench }, { wrongOf }, { HELP, parseOptions }, { EXCUSED }] = await Promise.all([
  import('../../../cli/output.ts'),
  import('../run-bench.ts'),
  import('./bench.ts'),
  import('./judge.ts'),
  import('./options.ts'),
  import('./excused.ts'),
]);

await runBench(parseOptions, HELP, async ({ json, only, seed }) => {
  const progress = progressLog(json);
  const result = await bench({ only, seed, progress });
  if (json) printJson(result);
  const names = [...result.mustFire, ...result.mustNot].map(({ name }) => name);
  const wrong = wrongOf(
    result,
    EXCUSED.filter((name) => names.includes(name)),
  );
  if (wrong.length > 0) progress(`wrong: ${wrong.join(', ')}`);
  return wrong.length === 0 ? 0 : 1;
});
