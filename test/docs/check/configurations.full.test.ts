/** Every configuration that a page shows, and every file of examples, becomes templates. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY, SynthesizedApp } from '../../infra/synthesized.ts';
import { configurationFiles, shownConfigurations } from './configurations.ts';

const inFile = (file: string) => ({ page: file, content: JSON.parse(readFileSync(path.join(REPOSITORY, file), 'utf8')) });
const all = [...shownConfigurations(), ...configurationFiles().map(inFile)];

it.each(all.map(({ page, content }, index) => [page, index, content] as const))(
  '%s (%i)',
  async (_, __, content) => {
    const app = await SynthesizedApp.create(content);
    expect(app.stackNames.length).toBeGreaterThanOrEqual(6);
    await app.remove();
  },
  60_000,
);
