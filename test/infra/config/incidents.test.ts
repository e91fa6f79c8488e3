import { describe, expect, it } from 'vitest';
import { MITIGATIONS, whyAsks } from '../../../functions/incidents/contract/mitigations.ts';
import { adopted } from '../adopted-configs.ts';
import { parse as parseWhole, refusal as refusalOfWhole } from '../parse-config.ts';

const withIncidents = (incidents?: unknown) => ({ ...adopted(), ...(incidents !== undefined && { incidents }) });
const parse = (incidents?: unknown) => parseWhole(withIncidents(incidents));
const refusal = (incidents: unknown): string => refusalOfWhole(withIncidents(incidents));
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
