/** Every scenario in the simulation; test/e2e/both-worlds.full.test.ts plays them on the local cloud. */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesizeInto } from '../fakes/synthesized.ts';
import type { Played } from './play-all.ts';
import { SCENARIOS } from './scenarios.ts';

const SEEDS = [1];
const played: Played[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-scenarios-'));
  try {
    const installationsFile = await synthesizeInto(folder);
    const child = fork(path.join(import.meta.dirname, 'play-all.ts'), [JSON.stringify({ installationsFile, seeds: SEEDS })], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.on('message', (one: Played) => played.push(one));
    await new Promise((resolve, reject) => {
      child.once('close', resolve);
      child.once('error', reject);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('in the simulation as on the local cloud', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
    const endings = played.filter((one) => one.name === name);
    expect(endings).toEqual(SEEDS.map((seed) => ({ name, seed, ending: scenario.ends })));
  });
});
