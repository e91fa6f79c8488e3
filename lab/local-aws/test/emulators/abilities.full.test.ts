import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { whyNoLocalStack } from '../../../../setup/localstack.mjs';
import { PLACES, type Results } from './service-table.ts';
import { showAbilities } from './show-abilities.ts';

const results = JSON.parse(readFileSync(path.join(import.meta.dirname, 'results.json'), 'utf8')) as Results;
const missing = whyNoLocalStack();

it.each(PLACES.filter((place) => missing === undefined || place === 'default emulator').map((place) => [place] as const))(
  '%s can do what the table says, and nothing more',
  async (place) => {
    const problems: string[] = [];
    expect(await showAbilities(place, (line) => problems.push(line)), problems.join('\n')).toEqual(results[place]);
  },
  600_000,
);
