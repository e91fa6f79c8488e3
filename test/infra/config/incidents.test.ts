import { describe, expect, it } from 'vitest';
import { MITIGATIONS, whyAsks } from '../../../functions/incidents/contract/mitigations.ts';
import { InvalidConfiguration, parseConfig } from '../../../infra/config.ts';
import { adopted } from '../adopted-configs.ts';

const parse = (incidents?: unknown) =>
  parseConfig(JSON.stringify({ ...adopted(), ...(incidents !== undefined && { incidents }) }), 'the test');
function refusal(incidents: unknown): string {
  try {
    parse(incidents);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}
const mode = (name: string, value: string) => ({ mitigations: { [name]: value } });

describe('what runbooks may do', () => {
  it('is nothing by default: each mitigation is only named in the report', () => {
    expect(parse().incidents).toEqual({
      enabled: true,
      mitigations: {},
      approvalMinutes: 30,
      mitigationsPerHour: 3,
      coolDownMinutes: 30,
      quietMinutes: 10,
      keepServersMinutes: 120,
    });
  });

  it.each(MITIGATIONS.filter((name) => whyAsks(name) === undefined))('can be %s by itself, since that can be undone', (name) => {
    expect(parse(mode(name, 'auto')).incidents.mitigations).toEqual({ [name]: 'auto' });
  });

  it.each(MITIGATIONS.filter((name) => whyAsks(name) !== undefined))('is never %s by itself', (name) => {
    expect(refusal(mode(name, 'auto'))).toMatch(new RegExp(`incidents\\.mitigations\\.${name}.*${whyAsks(name)}.*use approve`, 's'));
    expect(parse(mode(name, 'approve')).incidents.mitigations).toEqual({ [name]: 'approve' });
  });

  it('is never volatile-eviction by itself: the sessions that it has evicted do not come back', () => {
    expect(refusal(mode('volatile-eviction', 'auto'))).toContain('do not come back');
  });

  it.each<[string, unknown, RegExp]>([
    ['a mitigation that does not exist', mode('reboot', 'observe'), /reboot.*is no mitigation; there are restore-stickiness, /s],
    ['a mode that does not exist', mode('keep-servers', 'always'), /keep-servers/],
    ['an approval without an end', { approvalMinutes: 0 }, /approvalMinutes/],
    ['a budget without a limit', { mitigationsPerHour: 21 }, /mitigationsPerHour/],
  ])('is refused with %s', (_, incidents, message) => {
    expect(refusal(incidents)).toMatch(message);
  });
});
