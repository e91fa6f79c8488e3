import { expect, it } from 'vitest';
import { pipEnvironment } from '../../setup/python-packages.mjs';

it("keeps the user's pip settings except those that would install elsewhere", () => {
  const env = {
    PATH: '/bin',
    PIP_CERT: '/ca.pem',
    PIP_USER: '1',
    PIP_TARGET: '/x',
    PIP_PREFIX: '/x',
    PIP_ROOT: '/x',
    PYTHONPATH: '/x',
    PYTHONHOME: '/x',
  };
  expect(pipEnvironment(env)).toEqual({ PATH: '/bin', PIP_CERT: '/ca.pem', PIP_USER: '0' });
});
