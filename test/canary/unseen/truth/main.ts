/** `node setup/run.mjs test/canary/unseen/truth/main.ts APP`: writes what is true of an application, before the canary has seen it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endWith } from '../../../../cli/output.ts';
import { USERS } from '../../recipes.ts';
import { UNSEEN_NAMES } from '../apps.ts';
import { withUnseen } from '../start-unseen.ts';
import { Experiments } from './establish.ts';
import { establishTruth } from './read.ts';
import { USES } from './uses.ts';

await endWith(async () => {
  for (const name of UNSEEN_NAMES.filter((one) => process.argv.includes(one))) {
    const truth = await withUnseen(name, ({ url, httpUrl, caPem }) => {
      const use = USES[name];
      const pairs = [Object.keys(USERS), Object.values(USERS), use.shows ?? Object.keys(USERS)] as unknown as [string, string][];
      return establishTruth(new Experiments({ origin: url, ca: caPem, answers: [] }, use, pairs), httpUrl);
    });
    const folder = path.join(import.meta.dirname, 'established');
    await mkdir(folder, { recursive: true });
    // Names and texts with the address would be others in each run.
    const text = JSON.stringify(truth, null, 2).replace(/[0-9a-f]{32}/g, '*');
    await writeFile(path.join(folder, `${name}.json`), `${text}\n`);
    process.stdout.write(`${text}\n`);
  }
  return 0;
});
