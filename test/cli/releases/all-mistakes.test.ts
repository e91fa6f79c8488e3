import { describe, expect, it } from 'vitest';
import { parseContract } from '../../../cli/releases/read-contract.ts';
import type { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { CONTRACT } from './release-folder.ts';

const status = '/status';

describe('a contract with several mistakes', () => {
  it('reports all mistakes at once, each in words and once', () => {
    const wrong = {
      ...CONTRACT,
      port: '8080',
      portStatus: 8081,
      healthz: {},
      health: { loadBalancer: 'live', ready: { path: 'x', status: 20 } },
      inFlight: { path: 'status', field: 'a b' },
      logs: { access: { path: 'a.log', pattern: { time: 'a b' } } },
    };
    let message = '';
    try {
      parseContract(JSON.stringify(wrong));
    } catch (error) {
      message = (error as InvalidRelease).message;
    }
    expect(message.split('\n')).toEqual([
      'holdfast.app.json has 10 mistakes:',
      '- "port" is "8080": it must be a number.',
      '- "health.loadBalancer" is "live": it must be a path that begins with / and has no spaces.',
      '- "health.ready.path" is "x": it must be a path that begins with / and has no spaces.',
      '- "health.ready.status" is 20: it must be at least 200.',
      '- "inFlight.path" is "status": it must be a path that begins with / and has no spaces.',
      '- "inFlight.field" is "a b": it must be a name of letters, digits, dots, _ and -.',
      '- "logs.access.pattern.time" is "a b": it must be a name of a field, with dots between objects.',
      '- "logs.access.pattern.status" is missing: it must be a text.',
      '- unknown key "portStatus": remove it or correct its name. Did you mean statusPort?',
      '- unknown key "healthz": remove it or correct its name. Did you mean health?',
    ]);
  });

  it('reports every pattern that does not compile', () => {
    const patterns = { inFlight: { path: status, pattern: '(' }, errors: { path: status, pattern: 'none' } };
    expect(() => parseContract(JSON.stringify({ ...CONTRACT, ...patterns }))).toThrow(
      /has 2 mistakes:\n- inFlight.pattern is .*\n- errors.pattern is "none"/,
    );
  });
});
