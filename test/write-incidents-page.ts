/** `npm run docs:incidents`: writes docs/incidents.md from the table of causes. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { incidentsPage } from './docs/incidents-page.ts';

writeFileSync(path.resolve(import.meta.dirname, '../docs/incidents.md'), incidentsPage());
