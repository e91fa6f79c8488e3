import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Cloud } from '../../../cli/cloud.ts';
import { assignments, nameOf, namesOf } from '../../../cli/installation/names.ts';
import { parseConfig } from '../../../infra/config.ts';

const CLOUD = {
  ...{ local: false, account: '111122223333', region: 'eu-west-1', installation: 'live', fleet: 'web', awsOptions: '--region eu-west-1' },
} as Cloud;
const config = (more: object = {}) =>
  parseConfig(
    JSON.stringify({ installation: 'live', region: 'eu-west-1', fleets: { web: { allowPlainHttp: true } }, ...more }),
    'the test',
  );
const inShell = (text: string, script: string) => execFileSync('sh', ['-c', `${text}\n${script}`], { encoding: 'utf8' });

it('prints the names that commands of the AWS CLI use, as a shell reads them, and exports the Region alone', () => {
  const text = assignments(namesOf(CLOUD, config()));
  expect(
    inShell(text, 'printf "%s|" "$installation" "$fleet" "$options" "$group" "$store" "$records"; env | grep -c "^AWS_REGION=eu-west-1$"'),
  ).toBe('live|web|--fleet web --region eu-west-1 --installation live|live-web|live-sessions|live-records|1\n');
});

it('prints one of them as it is, and names those that there are in place of one that there is not', () => {
  const found = namesOf(CLOUD, config());
  expect(nameOf(found, 'store')).toBe('live-sessions');
  expect(() => nameOf(found, 'stor')).toThrow(/has no name "stor". It has AWS_REGION, installation, .*store/);
});

it('quotes what a shell would run', () => {
  expect(inShell(assignments({ name: `a'b$(echo no)` }), 'printf %s "$name"')).toBe(`a'b$(echo no)`);
});
