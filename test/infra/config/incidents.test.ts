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
      mitigationsPerHour: 3,
      coolDownMinutes: 30,
      quietMinutes: 10,
      pageMinutes: 120,
    });
  });

  it.each(MITIGATIONS.filter((name) => whyAsks(name) === undefined))('can be %s by itself, since that can be undone', (name) => {
    expect(parse(mode(name, 'auto')).incidents.mitigations).toEqual({ [name]: 'auto' });
  });

  it.each(MITIGATIONS.filter((name) => whyAsks(name) !== undefined))('is never %s by itself', (name) => {
    expect(refusal(mode(name, 'auto'))).toMatch(new RegExp(`incidents\\.mitigations\\.${name}.*${whyAsks(name)}.*use observe`, 's'));
    expect(parse(mode(name, 'observe')).incidents.mitigations).toEqual({ [name]: 'observe' });
  });

  it('is automatic for two alone', () => {
    expect(MITIGATIONS.filter((name) => whyAsks(name) === undefined)).toEqual(['restore-stickiness', 're-login-page']);
  });

  it.each<[string, unknown, RegExp]>([
    ['approve', mode('sweep-now', 'approve'), /sweep-now.*has no mode approve any more: use observe; .*incidents do ID NAME/],
    ['approvalMinutes', { approvalMinutes: 30 }, /approvalMinutes.*is gone.*incidents do ID NAME/],
    ['keepServersMinutes', { keepServersMinutes: 60 }, /keepServersMinutes.*is now pageMinutes/],
    ...['restart-target', 'raise-ttl', 'keep-servers', 'shorten-anonymous', 'scale-store', 'volatile-eviction'].map(
      (name): [string, unknown, RegExp] => [
        name,
        mode(name, 'observe'),
        new RegExp(`${name}.*is no mitigation any more: remove it; the steps`),
      ],
    ),
  ])('is refused with what an earlier version had, and names what replaces it: %s', (_, incidents, message) => {
    expect(refusal(incidents)).toMatch(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['a mitigation that does not exist', mode('reboot', 'observe'), /reboot.*is no mitigation; there are restore-stickiness, /s],
    ['a mode that does not exist', mode('sweep-now', 'always'), /sweep-now.*use observe or auto/],
    ['a page without an end', { pageMinutes: 0 }, /pageMinutes/],
    ['a budget without a limit', { mitigationsPerHour: 21 }, /mitigationsPerHour/],
  ])('is refused with %s', (_, incidents, message) => {
    expect(refusal(incidents)).toMatch(message);
  });
});
