import { describe, expect, it } from 'vitest';
import type { InstallOutput } from '../../../functions/instance/document-contract.ts';
import { judgeInstall } from '../../../functions/instance/steps/install.ts';

const subject = { instanceId: 'i-1', version: '2', sha256: 'aa', fromVersion: '1' };
const failed = (error: Extract<InstallOutput, { result: 'failed' }>['error'], serving?: string): InstallOutput => ({
  result: 'failed',
  error,
  message: 'got bb',
  serving,
});

describe('judgeInstall', () => {
  it.each<InstallOutput>([
    { result: 'installed', version: '2', previousVersion: '1' },
    { result: 'alreadyInstalled', version: '2' },
  ])('accepts $result', (output) => {
    expect(judgeInstall(output, subject)).toEqual({ installed: true });
  });

  it.each([
    { output: failed('ChecksumMismatch'), name: 'ChecksumMismatch', serving: '1' },
    { output: failed('DownloadFailed'), name: 'InstallFailed', serving: '1' },
    { output: failed('InvalidRelease'), name: 'InstallFailed', serving: '1' },
    { output: failed('ServiceDidNotStart', '1'), name: 'InstallFailed', serving: '1' },
    { output: failed('ServiceDidNotStart'), name: 'InstallFailed', serving: undefined },
    { output: failed('StaleFencingToken'), name: 'LeaseLost', serving: undefined },
  ])('takes $output.error for $name, with $serving serving', ({ output, name, serving }) => {
    const judgement = judgeInstall(output, subject);
    expect(judgement).toMatchObject({ installed: false, error: { name } });
    expect(judgement.installed ? 'none' : judgement.servingVersion).toBe(serving);
  });

  it.each([
    ['DownloadFailed', true],
    ['ChecksumMismatch', true],
    ['InvalidRelease', undefined],
    ['ServiceDidNotStart', undefined],
    ['StaleFencingToken', undefined],
  ] as const)('may be asked to try again after %s: %s', (error, canRetry) => {
    const judgement = judgeInstall(failed(error), subject);
    expect(judgement.installed ? 'installed' : judgement.canRetry).toBe(canRetry);
  });

  it('names both sums when they differ', () => {
    const judgement = judgeInstall(failed('ChecksumMismatch'), subject);
    expect(judgement).toMatchObject({ error: { message: expect.stringMatching(/SHA-256 aa: got bb/) } });
  });
});
