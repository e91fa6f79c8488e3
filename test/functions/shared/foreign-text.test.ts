/** Text from elsewhere: what nobody may see of it is gone, and healthy text is as it was. */
import { describe, expect, it } from 'vitest';
import { foreignLine, printable, printableJson } from '../../../functions/shared/foreign-text.ts';
import { HEALTHY, HOSTILE, STEERS } from './hostile-texts.ts';

describe('a foreign text', () => {
  it.each(HOSTILE)('with %s is one line that steers nothing and has no secret', (_what, text, secret) => {
    const shown = foreignLine(text, 600);
    expect(shown).not.toMatch(STEERS);
    expect(shown).not.toContain('\n');
    if (secret !== undefined) expect(shown).not.toContain(secret);
  });

  it.each(HOSTILE)('with %s steers nothing where it is shown, and its lines stay', (_what, text) => {
    expect(printable(`one\n${text}\nlast`)).not.toMatch(STEERS);
    expect(printable(`one\n${text}\nlast`)).toMatch(/^one\n[\s\S]*\nlast$/);
  });

  it.each(HOSTILE)('with %s is the same in JSON, where it steers nothing either', (_what, text) => {
    const line = printableJson({ [text]: [text] });
    expect(line).not.toMatch(STEERS);
    expect(JSON.parse(line)).toEqual({ [text]: [text] });
  });

  it.each(HEALTHY)('that is healthy stays as it is: %s', (text) => {
    expect([foreignLine(text, 600), printable(text), JSON.parse(printableJson(text))]).toEqual([text, text, text]);
    expect(printableJson(text)).toBe(JSON.stringify(text));
  });

  it.each([
    'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    'HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used',
  ])('of the store keeps its placeholders: %s', (text) => {
    expect(foreignLine(text, 600)).toBe(text);
  });

  it.each([
    ['opened client_secret%3Dsw0rdfish', 'opened client_secret%3D***'],
    ['refused Bearer: swordfish', 'refused Bearer: ***'],
    ['the api key is sword1fish for bob', 'the api key is *** for bob'],
    ['the passphrase is "two words", again', 'the passphrase is ***, again'],
    ['the password is wrong, the token is 3600 s old', 'the password is wrong, the token is 3600 s old'],
  ])('%s is shown as %s', (text, shown) => {
    expect(foreignLine(text, 600)).toBe(shown);
  });

  it('is cut where it is too long', () => {
    expect(foreignLine('x '.repeat(10_000), 20)).toBe('x x x x x x x x x x…');
  });

  it.each([
    'a',
    'a ',
    '//',
    '"',
    '\\',
    'a=',
    'a="\\',
    'password:',
    's:',
    'eyJ',
    '-',
    'AUTH ',
    'AUTH "',
    'SETUSER ',
    'redis-cli ',
    'acl,args:[',
    '\u001b]',
    '\u001b[0',
    '\u200d',
    '@//',
  ])('of %j without end takes no longer than a short one', (unit) => {
    const begunMs = performance.now();
    foreignLine(unit.repeat(2_000_000), 600);
    expect(performance.now() - begunMs).toBeLessThan(2_000);
  });
});
