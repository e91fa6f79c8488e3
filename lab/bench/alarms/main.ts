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

await runBench(parseOptions, HELP, async ({ json, only, seed, seeds }) => {
  const progress = progressLog(json);
  const wrongIn = (result: Awaited<ReturnType<typeof bench>>) => {
    const names = [...result.mustFire, ...result.mustNot].map(({ name }) => name);
    return wrongOf(
      result,
      EXCUSED.filter((name) => names.includes(name)),
    );
  };
  if (seeds === undefined) {
    const result = await bench({ only, seed, progress });
    if (json) printJson(result);
    const wrong = wrongIn(result);
    if (wrong.length > 0) progress(`wrong: ${wrong.join(', ')}`);
    return wrong.length === 0 ? 0 : 1;
  }
  const sweep = [];
  for (let draw = 1; draw <= seeds; draw += 1) {
    const result = await bench({ only, seed: `${seed}-${draw}`, runs: 1 });
    // One run is too few to say of an excuse that it is not needed.
    const wrong = wrongIn(result).filter((name) => !EXCUSED.includes(name));
    const slowest = Math.max(...result.mustFire.map(({ secondsToAlarm }) => secondsToAlarm ?? 0));
    progress(`${seed}-${draw}: ${wrong.join(', ') || 'nothing wrong'}; slowest ${slowest} s`);
    sweep.push({ seed: `${seed}-${draw}`, wrong, alarms: result.mustNot.filter(({ alarms }) => alarms.length > 0), slowest });
  }
  if (json) printJson({ sweep });
  return sweep.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
});
