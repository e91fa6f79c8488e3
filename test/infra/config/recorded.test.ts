import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSubject } from '../../../cli/doctor/subject.ts';
import { type HoldfastConfig, parseConfig, parseContent } from '../../../infra/config.ts';
import { recordedConfig } from '../../../infra/constructs/deployed-installation.ts';
import { adopted } from '../adopted-configs.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const files = ['holdfast.config.json', ...globSync('examples/**/*.config.json', { cwd: REPOSITORY })];
const CONFIGS: readonly (readonly [string, string])[] = [
  ...files.map((file) => [file, readFileSync(path.join(REPOSITORY, file), 'utf8')] as const),
  ['existing resources', JSON.stringify(adopted())],
  ['a fleet without settings', JSON.stringify({ fleets: { web: { allowPlainHttp: true } } })],
  ['sessions in memory', JSON.stringify({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } })],
];
const PLACE = { account: '111122223333', region: 'us-east-1', local: false, awsOptions: '' };
const subjects = (config: HoldfastConfig) => Object.keys(config.fleets).map((fleet) => readSubject(config, fleet, PLACE));

describe('the configuration that a deployment records', () => {
  it.each(CONFIGS)('is valid, and is all that doctor needs: %s', (_, text) => {
    const config = parseConfig(text, 'test');
    const recorded = parseConfig(JSON.stringify(recordedConfig(config)), 'test');
    expect(subjects(recorded)).toEqual(subjects(config));
  });

  it('has no options of Java, which can have passwords', () => {
    const app = { kind: 'tomcat', home: '/opt/tomcat', sessionManager: 'application', javaOptions: ['-Ddb.password=hunter2'] };
    const recorded = recordedConfig(parseContent({ fleets: { web: { allowPlainHttp: true, app } } }, 'test'));
    expect(recorded).toMatchObject({ fleets: { web: { app: { kind: 'tomcat' } } } });
    expect(JSON.stringify(recorded)).not.toContain('hunter2');
  });

  it('has no key that is not listed, of installation, fleet or application', () => {
    const config = parseContent({ fleets: { web: { allowPlainHttp: true } } }, 'test');
    const secret = { text: 'hunter2' };
    const web = { ...config.fleets['web'], canary: secret, app: { kind: 'tomcat', later: secret } };
    const recorded = recordedConfig({ ...config, later: secret, fleets: { web } } as unknown as HoldfastConfig);
    expect(JSON.stringify(recorded)).not.toContain('hunter2');
  });
});
