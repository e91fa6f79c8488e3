import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../../infra/config.ts';
import { adopted, EXISTING_GROUP } from '../adopted-configs.ts';
import { canaryConfig } from '../canary-config.ts';
import { foundBy } from '../found-by.ts';

const configOf = (canary: object) => ({ fleets: { web: { allowPlainHttp: true, canary } } });
const parse = (canary: object) => parseConfig(JSON.stringify(configOf(canary)), 'the test');
function refusal(canary: object): string {
  try {
    parse(canary);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
const users = (password: object) => ({
  users: { a: { name: 'canary-anna', password }, b: { name: 'canary-ben', password: { secret: 'shop/ben' } } },
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-canary-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the canary of a configuration', () => {
  it('is none by default', () => {
    expect(parseConfig('{"fleets":{"web":{"allowPlainHttp":true}}}', 'the test').fleets['web']?.canary).toBeUndefined();
  });

  it('takes a turn every five minutes, and reads as it was written', () => {
    const config = parse(canaryConfig());
    expect(config.fleets['web']?.canary).toMatchObject({ everyMinutes: 5, recipe: { who: { get: '/account' } } });
    expect(parseConfig(JSON.stringify(config), 'again').fleets).toEqual(config.fleets);
  });

  it('has its recipe in a file next to the configuration', () => {
    const file = path.join(folder, 'holdfast.config.json');
    const { recipe } = canaryConfig();
    writeFileSync(file, JSON.stringify(configOf(canaryConfig({ recipe: 'recipe.json' }))));
    expect(() => readConfig(file)).toThrow(/fleets\.web\.canary\.recipe: .*recipe\.json cannot be read \(ENOENT\)/);
    writeFileSync(path.join(folder, 'recipe.json'), '{"users":');
    expect(() => readConfig(file)).toThrow(/recipe\.json is not valid JSON/);
    writeFileSync(path.join(folder, 'recipe.json'), JSON.stringify(recipe));
    expect(readConfig(file).fleets['web']?.canary?.recipe).toEqual(recipe);
  });

  it.each<[string, object, RegExp]>([
    ['a file that nothing leads to', canaryConfig({ recipe: 'recipe.json' }), /canary\.recipe .*is the name of a file/],
    ['a password in the recipe', canaryConfig({}, users('secret-123' as never)), /password must not be in the file/],
    [
      'a password of the environment',
      canaryConfig({}, users({ environment: 'CANARY_A' })),
      /users\.a\.password .*read from Secrets Manager/,
    ],
    ['a program', canaryConfig({}, { login: undefined, jar: ['./jar'] }), /recipe\.jar .*only the command can/],
    [
      'an internal load balancer',
      canaryConfig({ url: 'https://internal-shop-1.eu-west-1.elb.amazonaws.com/' }),
      /canary\.url .*internal load balancer/,
    ],
    ['a user in the address', canaryConfig({ url: 'https://a:b@shop.example.com/' }), /canary\.url .*address alone/],
    ['another protocol', canaryConfig({ url: 'ftp://shop.example.com/' }), /canary\.url/],
    [
      'a recipe that is too long',
      canaryConfig({}, { who: { get: `/account?${'x'.repeat(3_000)}` } }),
      /canary\.recipe .*has 3\d\d\d bytes/,
    ],
    ['a recipe with an unknown key', canaryConfig({}, { logins: [] }), /canary\.recipe .*logins/],
    ['no recipe', { url: 'https://shop.example.com/' }, /canary\.recipe/],
  ])('is refused with %s', (_, canary, why) => {
    expect(refusal(canary)).toMatch(why);
    expect(refusal(canary)).not.toContain('secret-123');
  });

  it('is refused by plain HTTP, where the fleet itself has none', () => {
    const web = {
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000',
      canary: canaryConfig({ url: 'http://shop.example.com/' }),
    };
    expect(() => parseConfig(JSON.stringify({ fleets: { web } }), 'the test')).toThrow(/canary\.url .*plain HTTP/);
    expect(refusal(canaryConfig({ url: 'http://shop.example.com/' }))).toBe('');
  });

  it.each<[string, object, RegExp]>([
    ['an origin of its login', { origins: ['https://sso.example.com', 'http://sso.example.com'] }, /recipe\.origins\.1 .*is plain HTTP/],
    [
      'a step with a password in a form',
      { login: [{ get: '/x' }, { post: 'http://sso.example.com/', form: { p: '{password}' } }] },
      /recipe\.login\.1 .*sends \{password\}/,
    ],
    [
      'a step with a password in JSON',
      { login: [{ post: 'http://sso.example.com/', json: { in: [{ p: '{password}' }] } }] },
      /recipe\.login\.0 .*sends/,
    ],
    [
      'a step with a password in a header',
      { login: [{ get: 'http://sso.example.com/', headers: { Authorization: 'x {password}' } }] },
      /recipe\.login\.0 .*sends/,
    ],
  ])('is refused with plain HTTP for %s, where the fleet itself has none', (_, recipe, why) => {
    const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000';
    const parseWith = (fleet: object) => () =>
      parseConfig(JSON.stringify({ fleets: { web: { ...fleet, canary: canaryConfig({}, recipe) } } }), 'the test');
    expect(parseWith({ certificateArn })).toThrow(why);
    expect(parseWith({ allowPlainHttp: true })).not.toThrow();
  });

  it('is warned of where nobody knows whether the load balancer is internal', () => {
    const warned = (config: object) => foundBy(config, 'canary-needs-public-site').length;
    expect(warned(parse(canaryConfig()))).toBe(0);
    expect(warned(parseConfig(JSON.stringify(adopted({ ...EXISTING_GROUP, canary: canaryConfig() })), 'the test'))).toBe(1);
  });
});
