/** Plays drawn outages with one plant, in a process of its own. Arguments: the plant's name, the first seed, how many. */
import path from 'node:path';
import type { Plant } from '../../../../lab/simulation/plants/plant.ts';
import { plant } from '../../../../lab/simulation/plants/plant-hook.ts';
import { PLANTS } from './plants.ts';

const [name, first = '1', count = '1'] = process.argv.slice(2);
const chosen = PLANTS.find((one) => one.name === name);
if (chosen === undefined) throw new Error(`there is no plant ${name}`);
const wasLoaded = plant(chosen as object as Plant, path.resolve(import.meta.dirname, '../../../..'));
const { playMitigations } = await import('./play-mitigations.ts');
if (!wasLoaded()) throw new Error(`nothing loads ${chosen.file}`);

for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  const broken = await playMitigations(seed, chosen.in).then(
    (played) => played.broken,
    // A plant can end a run.
    (error: unknown) => [String(error)],
  );
  if (broken.length === 0) continue;
  process.stdout.write(JSON.stringify({ seed, broken }));
  break;
}
