import { expect, it } from 'vitest';
import { pipEnvironment, splitLock } from '../../setup/python-packages.mjs';

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

it('tells packages that are built from those that have wheels', () => {
  const lock = 'a==1 \\\n    --hash=x\nb-c==2 \\\n    --hash=y \\\n    --hash=z\n';
  expect(splitLock(lock, ['b-c'])).toEqual({ wheels: 'a==1 \\\n    --hash=x\n', sources: 'b-c==2 \\\n    --hash=y \\\n    --hash=z\n' });
  expect(splitLock(lock, [])).toEqual({ wheels: lock, sources: '' });
});
