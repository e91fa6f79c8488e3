import { describe, expect, it, vi } from 'vitest';
import { writeDocs } from './write-docs.ts';

const refusal = async (...args: string[]): Promise<{ code: number; printed: string }> => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    return { code: await writeDocs(args), printed: lines.join('') };
  } finally {
    write.mockRestore();
  }
};

describe('npm run docs', () => {
  it.each([
    [
      ['incident'],
      /^There is no page "incident"\. Nothing was written\. The pages are additions, architecture, canary-recipe, compatibility, configuration, cookies, doctor, emulators, figures, incidents, mitigations, /,
    ],
    [['constructor'], /^There is no page "constructor"\. Nothing was written\./],
    [['--print'], /^"--print" is where the page has to be\. Nothing was written\./],
    [['incidents', '--print'], /^incidents: Unknown option '--print'\. Nothing was written\. --help has the options/],
    [['testing', '--print', 'now'], /^testing: Unexpected argument 'now'\. .*Nothing was written\./],
    [['emulators', '--only'], /^emulators: Option '--only <value>' argument missing\. Nothing was written\./],
    [['emulators', '--only', 'nowhere'], /^--only nowhere is not a place: choose "default emulator".+Nothing was written\./],
  ])('refuses %j', async (args, sentence) => {
    const { code, printed } = await refusal(...args);
    expect(printed).toMatch(sentence);
    expect(code).toBe(2);
  });
});
