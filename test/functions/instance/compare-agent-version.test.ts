import { expect, it } from 'vitest';
import { compareAgentVersion } from '../../../functions/instance/slice-parameters.ts';

it.each([
  ['3.3.2746.0', '3.3.2746.0', 0],
  ['3.3.2745.9', '3.3.2746.0', -1],
  ['3.10.0.0', '3.9.0.0', 1],
  ['3.3', '3.3.0.0', 0],
  ['4', '3.3.2746.0', 1],
  ['', '3.3.2746.0', -1],
  ['unknown', '0.0', -1],
])('compares %s with %s as %i', (a, b, sign) => {
  expect(Math.sign(compareAgentVersion(a, b))).toBe(sign);
});
