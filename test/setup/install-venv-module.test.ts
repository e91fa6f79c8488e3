import { describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { ensureVenvModule } from '../../setup/install-venv-module.mjs';

const context = { paths: pathsOf('/nowhere'), env: {}, noteCommand: () => undefined };

describe("Python's venv module", () => {
  it('is not installed again', async () => {
    const python = { path: '/opt/python3', version: '3.12.1', hasVenv: true };
    expect(await ensureVenvModule(context, python)).toBe(python);
  });

  it('names the package to install for this version when it is missing', async () => {
    await expect(ensureVenvModule(context, { path: '/opt/python3', version: '3.12.1', hasVenv: false })).rejects.toThrow(
      'Python 3.12.1 (/opt/python3) cannot create virtual environments because its venv and ensurepip modules are missing: install them with `apt-get install python3.12-venv` (Debian, Ubuntu)',
    );
  });
});
