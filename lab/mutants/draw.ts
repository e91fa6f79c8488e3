/** Draws mutants of all product folders, by the test time that is at stake in each. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Random, seededRandom } from '../simulation/kernel/random.ts';
import type { Importers } from './importers.ts';
import { editAt, type Mutant } from './mutant.ts';
import { proposePython } from './propose/propose-python.ts';
import { type Proposal, proposeTypeScript } from './propose/propose-typescript.ts';

const PRODUCT =
  /^(?:advisor|bin|cli|console|functions|infra|lab\/(?:demo|local-aws|processes|rehearse)|ops|package|server|session|setup)\/(?!test\/).*(?<!\.test)\.(?:ts|mts|mjs|py)$/;
/** Larger changes, such as a function without a body, are noticed by nearly everything. */
const LONGEST_CHANGE = 200;
/** Attempts to draw a mutant from one file. */
const ATTEMPTS = 5;

export interface World {
  readonly repository: string;
  readonly files: readonly string[];
  readonly importers: Importers;
  /** What a test file usually takes. */
  readonly secondsOf: (test: string) => number;
}

/** The part of the product that a file belongs to: `functions/deploy`, `cli`, and `infra` for a file that is in none of its folders. */
export const partOf = (file: string): string =>
  /^(?:functions|lab|infra|server)\/[^/]+(?=\/)/.exec(file)?.[0] ?? (file.split('/')[0] as string);

/** Files of the product that a test imports or names: those that mutants are drawn from. */
export const testedFiles = ({ files, importers }: Pick<World, 'files' | 'importers'>): readonly string[] =>
  files.filter((file) => PRODUCT.test(file) && importers.testsOf(file).length > 0);

/**
 * Mutants without an end, the same for the same seed and checkout. A part of the product comes as often as its tests take time,
 * and never less than a hundredth of the time; in it, files come by the number of changes that they offer.
 */
export async function* drawMutants(seed: number, world: World): AsyncGenerator<Mutant> {
  const random = seededRandom(seed, 'mutants');
  const parts = partsAtStake(world);
  const drawn = new Set<string>();
  for (let misses = 0; misses < 1_000; ) {
    const file = random.pick(pickWeighted(parts, random));
    const mutant = await drawFrom(file, random, world);
    misses += 1;
    if (mutant === undefined || drawn.has(mutant.id)) continue;
    drawn.add(mutant.id);
    misses = 0;
    yield mutant;
  }
}

interface Part {
  readonly weight: number;
  /** Each as often as it has changes to offer, by its length. */
  readonly files: readonly string[];
}

function partsAtStake({ repository, files, importers, secondsOf }: World): readonly Part[] {
  const parts = [...Map.groupBy(testedFiles({ files, importers }), partOf)].map(([part, inPart]) => {
    const tests = new Set(inPart.flatMap((file) => importers.testsOf(file).map(({ test }) => test)));
    const own = [...tests].filter((test) => test.startsWith(`test/${part}/`));
    const lines = (file: string) => readFileSync(path.join(repository, file), 'utf8').split('\n').length;
    return {
      seconds: own.reduce((sum, test) => sum + secondsOf(test), 0),
      files: inPart.flatMap((file) => Array.from({ length: Math.ceil(lines(file) / 50) }, () => file)),
    };
  });
  const all = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  return parts.map(({ seconds, files: offered }) => ({ weight: Math.max(seconds, all / 100), files: offered }));
}

function pickWeighted(parts: readonly Part[], random: Random): readonly string[] {
  let left = random.fraction() * parts.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, files } of parts) {
    left -= weight;
    if (left < 0) return files;
  }
  return (parts.at(-1) as Part).files;
}

async function drawFrom(file: string, random: Random, { repository }: World): Promise<Mutant | undefined> {
  const source = readFileSync(path.join(repository, file), 'utf8');
  const proposals = file.endsWith('.py') ? proposePython(file, source) : await proposeTypeScript(file, source);
  const small = proposals.filter(({ from, to }) => to - from <= LONGEST_CHANGE);
  for (let attempt = 0; attempt < ATTEMPTS && small.length > 0; attempt += 1) {
    const proposal = random.pick(small);
    // An import is no behaviour.
    if (!isInImport(source, proposal)) return mutantOf(file, source, proposal);
  }
  return undefined;
}

const isInImport = (source: string, { from }: Proposal) => /^import\b/.test(source.slice(source.lastIndexOf('\n', from) + 1));

function mutantOf(file: string, source: string, proposal: Proposal): Mutant {
  const edit = editAt(source, file, proposal);
  const line = source.slice(0, proposal.from).split('\n').length;
  const change = `${brief(source.slice(proposal.from, proposal.to))} → ${brief(proposal.becomes) || 'nothing'}`;
  return { id: `${file}:${line}: ${change}`, kind: 'generated', file, line, change, edits: [edit] };
}

const brief = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 120);
