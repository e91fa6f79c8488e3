import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeInstallations } from './installation/installation-file.ts';
import { synthesizeWithoutBundles } from './installation/synthesize-without-bundles.ts';
import { PAUSE_TURNS } from './faults/pause-aims.ts';
import { PAUSE_PLANTS } from './plants/pause-plants.ts';
import { runJob } from './run/run-job.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-simulation-'));
const installationsFile = path.join(folder, 'installations.json');
writeInstallations(installationsFile, await synthesizeWithoutBundles());
const none = { name: 'none', file: 'functions/deploy/pause/decide-pause.ts', text: '/** From the first half hour on. */', becomes: '/** x */', caughtBy: 'S13', in: PAUSE_TURNS.map(({ name }) => name) } as const;
const signal = new AbortController().signal;
for (const [plant, mostRuns] of [[none, Number(process.argv[2] ?? 24)], ...PAUSE_PLANTS.map((plant) => [plant, 40] as const)] as const) {
  let found: number | undefined;
  const endings = new Map<string, number>();
  await runJob({ installationsFile, first: 1, step: 1, count: 9_000, mostRuns, keepTimeline: false, plant, until: plant.caughtBy }, (result) => {
    const key = `${result.plan[1]}: ${result.endings.join(' | ')}`;
    endings.set(key, (endings.get(key) ?? 0) + 1);
    for (const { predicate, text } of result.violations) {
      if (plant === none) console.log(`seed ${result.seed} ${predicate} ${text}`);
      if (predicate === plant.caughtBy) found ??= result.seed;
    }
  }, signal);
  console.log(plant.name, 'found', found, plant === none ? [...endings].map((e) => e.join(' × ')).join('\n') : `after ${[...endings.values()].reduce((a, b) => a + b, 0)} runs`);
}
