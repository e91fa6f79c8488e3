/** The configurations in pages and examples, and whether they are valid: a configuration's parts are tried in a whole one. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { isRecord } from '../../../functions/shared/json.ts';
import { installation } from '../../../infra/config/installation.ts';
import { parseContent, readConfig } from '../../../infra/config.ts';
import { REPOSITORY } from '../../run-node.ts';
import { configurationTables } from '../configuration-page.ts';
import { PAGES, readPage } from './pages.ts';

/** What a page shows of a configuration. */
export interface Shown {
  readonly page: string;
  /** The whole one that it is tried in. */
  readonly content: Record<string, unknown>;
}

const ACCOUNT = '111122223333';
const CERTIFICATE = 'certificate/12345678-1234-1234-1234-123456789012';

/** Values in the place of the dots that a page has for them. */
function filled(json: string): string {
  let id = 0;
  const next = () => (++id).toString(16).padStart(17, '0');
  const region = /"region": "([^"]+)"/.exec(json)?.[1] ?? 'us-east-1';
  return json
    .replace('"certificateArn": "…"', `"certificateArn": "arn:aws:acm:${region}:${ACCOUNT}:${CERTIFICATE}"`)
    .replaceAll(/arn:aws:acm:(?:([a-z0-9-]+):)?…/g, (_, named) => `arn:aws:acm:${named ?? region}:${ACCOUNT}:${CERTIFICATE}`)
    .replaceAll(/(arn:aws:secretsmanager:)…/g, `$1${region}:${ACCOUNT}:secret:shop-AbCdEf`)
    .replaceAll(/:…:/g, `:${ACCOUNT}:`)
    .replaceAll(/\/…"/g, '/0123456789abcdef"')
    .replaceAll(/(vpc|subnet|sg|i)-…/g, (_, kind) => `${kind}-${next()}`)
    .replaceAll(/\.…\./g, '.abc123.euw1.');
}

const INSTALLATION = new Set(Object.keys(installation.shape));
const FLEET = new Set(['deploy', 'existing', ...[...(configurationTables().get('a fleet') ?? [])].map(({ key }) => key)]);
const network = {
  existing: {
    vpcId: 'vpc-01234567',
    webSubnetIds: ['subnet-01234567', 'subnet-11234567'],
    storeSubnetIds: ['subnet-01234567', 'subnet-11234567'],
  },
};
const WHOLE = { fleets: { web: { allowPlainHttp: true } } };

/** A page's JSON as a whole configuration; undefined where it is something else. */
function asConfiguration(found: unknown, recipe: unknown): Record<string, unknown> | undefined {
  if (!isRecord(found)) return undefined;
  const keys = Object.keys(found);
  if (keys.every((key) => INSTALLATION.has(key))) return withRecipe({ ...('store' in found ? {} : WHOLE), ...found }, recipe);
  if (keys.every((key) => FLEET.has(key)))
    return { ...('existing' in found ? { network } : {}), fleets: { web: { ...WHOLE.fleets.web, ...found } } };
  return undefined;
}

/** With the recipe of docs/canary.md in the place of its file, and the passwords where a schedule reads them. */
const withRecipe = (config: Record<string, unknown>, recipe: unknown): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(config, (key, value) => {
      if (key === 'recipe' && typeof value === 'string') return recipe;
      return key === 'password' && isRecord(value) && 'environment' in value ? { secret: 'canary' } : value;
    }),
  );

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(filled(json));
  } catch {
    return undefined;
  }
};

/** Listings of JSON that are a configuration, or a part of one that begins at a key of it. */
export function shownConfigurations(): Shown[] {
  const blocks = PAGES.flatMap((page) =>
    [...readPage(page).matchAll(/^( *)```json\n(.*?)^ *```/gms)].map(([, , json = '']) => ({ page, block: parsed(json) })),
  );
  const recipe = blocks.find(({ block }) => isRecord(block) && 'users' in block)?.block;
  return blocks.flatMap(({ page, block }) => {
    const content = asConfiguration(block, recipe);
    return content === undefined ? [] : [{ page, content }];
  });
}

export const configurationFiles = (): string[] => [
  'holdfast.config.json',
  ...globSync(['examples/**/*.config.json', 'examples/configurations/*.json'], { cwd: REPOSITORY }).toSorted(),
];

const problemOf = (what: string, check: () => unknown): string[] => {
  try {
    check();
    return [];
  } catch (error) {
    return [`${what}: ${(error as Error).message}`];
  }
};

/** @returns what is wrong with each that is not valid */
export const invalidConfigurations = (shown: readonly Shown[], files: readonly string[]): string[] => [
  ...shown.flatMap(({ page, content }) => problemOf(page, () => parseContent(content, 'a listing'))),
  ...files.flatMap((file) => problemOf(file, () => readConfig(path.join(REPOSITORY, file)))),
];
