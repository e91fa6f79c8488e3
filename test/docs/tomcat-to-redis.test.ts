import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sessionManagerOf } from '../../infra/config/app.ts';
import { readConfig } from '../../infra/config.ts';
import { commandLine } from '../../rehearse/command-line.ts';
import { readPage, withoutFigures } from '../e2e/tomcat-to-redis/read-page.ts';
import { REPOSITORY } from '../infra/synthesized.ts';

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
      return app && strategy ? [[strategy, sessionManagerOf(app, strategy)]] : [];
    });
    expect(states).toEqual([
      ['sticky', 'memory'],
      ['sticky', 'redisson'],
      ['redis', 'redisson'],
      ['sticky', 'redisson'],
    ]);
  });

  it('computes what a switch costs', () => {
    // A user on the server that is rolled k-th of N is sent to any other one, and logged out again if that one comes later.
    const logOuts = (servers: number) => {
      const costs: number[] = [];
      for (let left = 0; left < servers; left += 1) costs.push(1 + costs.reduce((sum, cost) => sum + cost, 0) / (servers - 1));
      return costs.reduce((sum, cost) => sum + cost, 0) / servers;
    };
    const formula = (servers: number) => ((servers - 1) * ((servers / (servers - 1)) ** servers - 1)) / servers;
    for (const servers of [2, 3, 10, 100]) expect(formula(servers)).toBeCloseTo(logOuts(servers), 9);
    expect([2, 3, 100].map((servers) => formula(servers).toFixed(1))).toEqual(['1.5', '1.6', '1.7']);
    expect(page).toContain('1.5 with two servers, 1.6 with three, 1.7 with many');
  });

  it('compares printed lines without their figures', () => {
    expect(withoutFigures('deployed 1.0.0  in 110.5 s')).toBe(withoutFigures('deployed 1.2.0 in 9.1 s'));
    expect(withoutFigures('i-0a1b done')).not.toBe(withoutFigures('i-0a1b failed'));
  });
});
