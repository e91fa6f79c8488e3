import { expect, it } from 'vitest';
import { partOf } from './draw.ts';

it.each([
  ['functions/deploy/rolls/in-flight.ts', 'functions/deploy'],
  ['server/documents/words.py', 'server/documents'],
  ['infra/app.ts', 'infra'],
  ['cli/doctor/store/store-facts.ts', 'cli'],
])('%s belongs to the part %s', (file, part) => expect(partOf(file)).toBe(part));
