import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { longestPinSeconds } from '../../functions/deploy/sessions/judge-routes.ts';
import { fillSettings } from '../../functions/deploy/settings/read-settings.ts';
import { sessionManagerOf } from '../../infra/config/app-kind.ts';
import { readConfig } from '../../infra/config.ts';
import { commandLine } from '../../lab/rehearse/command-line.ts';
import { readPage, withoutFigures } from '../e2e/tomcat-to-redis/read-page.ts';
import { REPOSITORY } from '../infra/synthesized.ts';
import { readPom } from './tomcat-pom.ts';

const page = readFileSync(path.join(REPOSITORY, 'docs/tomcat-to-redis.md'), 'utf8');
const steps = readPage(page);
const programs = { node: 'node', python: 'python', assembly: 'out', local: true };

describe('docs/tomcat-to-redis.md', () => {
  it('numbers its steps, each with commands, what users notice, and a way back', () => {
    expect([...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number))).toEqual(steps.map((_, index) => index + 1));
    expect(steps.filter(({ commands, users }) => commands.length === 0 || users === '')).toEqual([]);
    expect(page.match(/^- Back: /gm)).toHaveLength(steps.length);
  });

  it('has only commands that the walk can run, with variables that it sets', () => {
    const variables = { REGION: 'eu-west-1', CONFIG: 'a.json', WARS: 'wars' };
    for (const { commands } of steps)
      for (const words of commands) expect(commandLine(words, variables, programs).args.join(' ')).not.toContain('$');
  });

  it('changes stickiness and the session manager one after the other, with stickiness on in between', () => {
    const states = steps.flatMap(({ config }) => {
      if (config === undefined) return [];
      const { strategy, app } = readConfig(path.join(REPOSITORY, 'examples/tomcat-to-redis', config)).fleets['web'] ?? {};
      return app && strategy ? [[strategy, sessionManagerOf({ app, strategy })]] : [];
    });
    expect(states).toEqual([
      ['sticky', 'memory'],
      ['sticky', 'redisson'],
      ['redis', 'redisson'],
      ['sticky', 'redisson'],
    ]);
  });

  it('names the archive and the jars where the pom.xml that it links to writes them', () => {
    const pom = readPom();
    const written = [/<destFileName>(.*?)</, /<outputDirectory>\$\{project\.build\.directory\}\/(.*?)</].map(
      (pattern) => `target/${pattern.exec(pom)?.[1]}`,
    );
    const named = ['1-sticky', '2-manager', '3-redis'].flatMap((name) => {
      const app = readConfig(path.join(REPOSITORY, `examples/tomcat-to-redis/${name}.config.json`)).fleets['web']?.app;
      return app?.kind === 'tomcat' ? [app.archive, app.libraries].filter((each) => each !== undefined) : [];
    });
    expect([...new Set(named)].sort()).toEqual(written.toSorted());
    for (const name of written) expect(page).toContain(`\`${name}\``);
  });

  it('computes how long a switch takes', () => {
    const settings = fillSettings(
      readConfig(path.join(REPOSITORY, 'examples/tomcat-to-redis/1-sticky.config.json')).fleets['web']?.deploy ?? {},
      '',
    );
    const minutes = longestPinSeconds(settings, 30 * 60) / 60;
    expect(Math.ceil(minutes)).toBe(40);
    expect(page).toContain(`up to ${Math.ceil(minutes)} minutes per server`);
    expect((3 * minutes) / 60).toBeLessThanOrEqual(2);
  });

  it('compares printed lines without their figures', () => {
    expect(withoutFigures('deployed 1.0.0  in 110.5 s')).toBe(withoutFigures('deployed 1.2.0 in 9.1 s'));
    expect(withoutFigures('i-0a1b done')).not.toBe(withoutFigures('i-0a1b failed'));
  });
});
