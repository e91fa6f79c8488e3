import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePlace, mustBeAccount, type PlaceOptions } from '../../cli/choose-place.ts';

let folder: string;
let below: string;
const CONFIG = { installation: 'shop', account: '111122223333', region: 'eu-west-1', fleets: { web: { allowPlainHttp: true } } };
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast place '));
  below = path.join(folder, 'a', 'b');
  mkdirSync(below, { recursive: true });
  writeFileSync(path.join(folder, 'holdfast.config.json'), JSON.stringify(CONFIG));
  writeFileSync(
    path.join(folder, 'two.json'),
    JSON.stringify({ region: 'us-east-1', fleets: { a: CONFIG.fleets.web, b: CONFIG.fleets.web } }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('where a command of the package works', () => {
  it.each<[string, PlaceOptions, NodeJS.ProcessEnv, object]>([
    [
      'the configuration above',
      {},
      { AWS_REGION: 'us-west-2' },
      { region: 'eu-west-1', installation: 'shop', fleet: 'web', account: '111122223333' },
    ],
    [
      'the environment before it',
      {},
      { HOLDFAST_REGION: 'us-west-2', HOLDFAST_FLEET: 'api' },
      { region: 'us-west-2', installation: 'shop', fleet: 'api' },
    ],
    ['options first', { region: 'us-east-2', fleet: 'x' }, { HOLDFAST_REGION: 'us-west-2' }, { region: 'us-east-2', fleet: 'x' }],
    [
      'a named file before the nearest',
      { config: '../../two.json' },
      {},
      { region: 'us-east-1', installation: 'holdfast', fleet: undefined },
    ],
    ['the file of HOLDFAST_CONFIG', {}, { HOLDFAST_CONFIG: '../../two.json' }, { region: 'us-east-1' }],
    [
      'of another installation nothing of the file',
      { installation: 'live' },
      { AWS_REGION: 'us-west-2' },
      { region: 'us-west-2', fleet: undefined, account: undefined },
    ],
    [
      'the local cloud by HOLDFAST_STATE_FOLDER alone, and there the installation of the file',
      {},
      { HOLDFAST_STATE_FOLDER: '/x', HOLDFAST_REGION: 'us-west-2' },
      { region: undefined, account: undefined, installation: 'shop', fleet: 'web' },
    ],
    [
      'in the local cloud nothing of the file of another installation',
      { installation: 'watch' },
      { HOLDFAST_STATE_FOLDER: '/x' },
      { region: undefined, installation: 'watch', fleet: undefined, configFile: undefined },
    ],
    ['AWS all the same with --region', { region: 'us-west-2' }, { HOLDFAST_STATE_FOLDER: '/x' }, { region: 'us-west-2' }],
  ])('%s', (_, options, env, expected) => {
    const place = choosePlace(options, env, below);
    for (const [key, value] of Object.entries(expected)) expect([key, place[key as keyof typeof place]]).toEqual([key, value]);
  });

  it.each([
    ['--region', { region: 'us-east-2' }, { HOLDFAST_REGION: 'us-west-2' }],
    ['HOLDFAST_REGION', {}, { HOLDFAST_REGION: 'us-west-2', AWS_REGION: 'us-east-1' }],
    ['the configuration', {}, { AWS_REGION: 'us-west-2' }],
    ['AWS_REGION', { installation: 'live' }, { AWS_REGION: 'us-west-2' }],
  ])('says that the Region is from %s', (source, options, env) => {
    const file = path.join(folder, 'holdfast.config.json');
    expect(choosePlace(options, env, below).regionFrom).toBe(source === 'the configuration' ? file : source);
  });

  it('reads no other key of the configuration: a command that stops a deploy needs none', () => {
    const config = path.join(folder, 'edited.json');
    writeFileSync(config, JSON.stringify({ ...CONFIG, newer: 1, store: { engine: 'abacus' }, fleets: { web: { pot: 80 } } }));
    const { region, installation, fleet } = choosePlace({ config }, {}, '/');
    expect({ region, installation, fleet }).toEqual({ region: 'eu-west-1', installation: 'shop', fleet: 'web' });
    writeFileSync(config, JSON.stringify({ ...CONFIG, region: 'europe' }));
    expect(() => choosePlace({ config }, {}, '/')).toThrow(/edited\.json is not valid:\n {2}region \("europe"\)/);
  });

  it('takes AWS_REGION where there is no configuration, and refuses to guess', () => {
    expect(choosePlace({}, { AWS_REGION: 'us-west-2' }, '/')).toMatchObject({ region: 'us-west-2' });
    expect(() => choosePlace({}, {}, '/')).toThrow('No Region is named. Nothing was called.');
    expect(() => choosePlace({}, { HOLDFAST_REGION: 'europe' }, '/')).toThrow('"europe" is not a valid AWS Region');
  });

  it('refuses another account than the configured one', () => {
    expect(() => mustBeAccount('999900001111', { account: '111122223333', configFile: 'c.json' })).toThrow(
      'The credentials belong to account 999900001111, but the account in c.json is 111122223333. Nothing was read or changed.',
    );
    mustBeAccount('111122223333', { account: '111122223333' });
    mustBeAccount('111122223333', {});
  });
});
