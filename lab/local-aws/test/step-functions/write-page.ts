/** `npm run docs:step-functions`: writes docs/step-functions.md from the table, and from what the simulation can run of it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stepFunctionsPage } from './page.ts';
import { runSimulated } from './simulated-cloud.ts';
import { TABLE } from './table.ts';

const simulated = await Promise.all(TABLE.map((row) => runSimulated(row)));
writeFileSync(path.resolve(import.meta.dirname, '../../../../docs/step-functions.md'), stepFunctionsPage(simulated));
