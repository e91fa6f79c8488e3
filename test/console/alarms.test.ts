import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AlarmView, alarmView, worstFirst } from '../../cli/installation/attention/attention-words.ts';
import { causeOf, readPageOf, readRunbook, readRunbookOf, sectionOf, withLinks } from '../../console/runbook.ts';
import { RUNBOOK_PAGES } from '../../functions/shared/runbook.ts';
import { runbookPages } from '../runbook.ts';

const SEEN = { arn: 'arn', name: 'a', state: 'OK', reason: 'r', sinceMs: 1 } as const;

it("parses the descriptions of Holdfast's alarms, and leaves others as they are", () => {
  const description = 'severity: high. It is 80 % full. It will soon be full. Runbook: docs/runbook/at-night.md#memory-percent';
  expect(alarmView({ ...SEEN, description })).toMatchObject({
    severity: 'high',
    sentence: 'It is 80 % full. It will soon be full',
    runbook: 'docs/runbook/at-night.md#memory-percent',
  });
  expect(alarmView({ ...SEEN, description: 'disk is full' })).toEqual({
    name: 'a',
    state: 'OK',
    reason: 'r',
    sinceMs: 1,
    sentence: 'disk is full',
  });
});

it('sorts by state (ALARM, no data, OK), then by severity, then by name', () => {
  const alarm = (name: string, state: AlarmView['state'], severity?: AlarmView['severity']): AlarmView => ({
    name,
    state,
    severity,
    sinceMs: 1,
    reason: '',
    sentence: '',
  });
  const sorted = worstFirst([
    alarm('e', 'OK', 'high'),
    alarm('d', 'INSUFFICIENT_DATA'),
    alarm('c', 'ALARM', 'low'),
    alarm('b', 'ALARM', 'high'),
    alarm('a', 'ALARM', 'high'),
  ]);
  expect(sorted.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

const AWS = { fleet: 'shop', local: false, region: 'eu-central-1', installation: 'live' };
const TEXT = [
  '## one',
  '',
  'See [two](#two), [three](deploys.md#three), [mitigations](../mitigations.md#bridges), [a file](../../cli/cloud.ts), ![a picture](images/a.png)',
  'and [AWS](https://docs.aws.amazon.com/x.md).',
  '```sh',
  '# no heading',
  '## nor this',
  '```',
  '### below',
  'x',
  '## two',
  'y',
].join('\n');

it('returns the section below a heading, code included', () => {
  expect(sectionOf(TEXT, 'one')).toMatch(/^See \[two\].*\n```sh\n# no heading\n## nor this\n```\n### below\nx$/s);
  expect(sectionOf(TEXT, 'two')).toBe('y');
  expect(sectionOf(TEXT, 'three')).toBeUndefined();
});

it('has a page of the console for each page of the documentation, and the text alone of other files', () => {
  expect(withLinks(TEXT, 'runbook/at-night.md').split('\n').slice(2, 4).join(' ')).toBe(
    'See [two](#/runbook/two), [three](#/runbook/three), [mitigations](#/docs/mitigations), a file, a picture and [AWS](https://docs.aws.amazon.com/x.md).',
  );
  expect(withLinks('[a](canary.md#x) [b](runbook/at-night.md#y) [c](incidents.md#store-down) [d](#here)', 'sweeps.md')).toBe(
    '[a](#/docs/canary) [b](#/runbook/y) [c](#/runbook/store-down) [d](#/docs/sweeps)',
  );
});

it('every link of a page of the documentation leads to a page or heading that exists', async () => {
  const files = readdirSync(path.resolve(import.meta.dirname, '../../docs')).filter((file) => file.endsWith('.md'));
  const names = [...files, ...RUNBOOK_PAGES].map((page) => page.replace(/\.md$/, ''));
  const pages = await Promise.all(names.map((name) => readPageOf(AWS, name)));
  const linked = new Set(
    pages.flatMap(({ markdown }) => [...markdown.matchAll(/\(#\/((?:runbook|docs)\/[^)]+)\)/g)].map(([, to = '']) => to)),
  );
  expect(linked.size).toBeGreaterThan(50);
  for (const to of linked) {
    const name = to.replace(/^(runbook|docs)\//, '');
    const read = to.startsWith('docs/') ? readPageOf(AWS, name) : readRunbook(name);
    expect((await read).markdown, to).not.toBe('');
  }
  await expect(readPageOf(AWS, '../README')).rejects.toMatchObject({ code: 'NoSuchPage' });
  await expect(readPageOf(AWS, 'none')).rejects.toMatchObject({ code: 'NoSuchPage' });
});

it.each(['memory-percent', 'deploy-failed', 'sweep-overdue', 'rollback-failed', 'canary-silent', "Rotate the application's password"])(
  'finds the section %s, on whichever page it is',
  async (heading) => {
    expect((await readRunbook(heading)).markdown.length).toBeGreaterThan(200);
  },
);

it('finds a cause, with a heading per column of its row', async () => {
  const { markdown } = await readRunbook('stickiness-off');
  expect(markdown).toMatch(/^### what is wrong\n\n- Stickiness is off/);
  expect(markdown).toContain('### mitigations\n\n- `restore-stickiness`');
  expect(causeOf('| cause | fault |\n|---|---|\n| <a id="x"></a>`x` |  |', 'x')).toBe('');
  expect(causeOf('', 'x')).toBeUndefined();
});

it('finds a section by its anchor, as links name it', async () => {
  const { markdown } = await readRunbook('rotate-the-applications-password');
  expect(markdown).toContain('secretsmanager');
  await expect(readRunbook('none')).rejects.toMatchObject({ code: 'NoSuchHeading' });
});

it('links to headings of the runbook alone, which exist', async () => {
  const texts = Object.values(runbookPages());
  const headings = texts.flatMap((text) => [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading));
  const sections = await Promise.all(headings.map((heading) => readRunbook(heading)));
  const linked = new Set(sections.flatMap(({ markdown }) => [...markdown.matchAll(/\(#\/runbook\/([\w-]+)\)/g)].map(([, to = '']) => to)));
  expect(linked.size).toBeGreaterThan(10);
  for (const to of linked) expect((await readRunbook(to)).markdown, to).not.toBe('');
});

describe('the commands of a section', () => {
  const OPTIONS = '--fleet shop --region eu-central-1 --installation live';
  const headings = Object.values(runbookPages()).flatMap((text) => [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading));

  it('need no variable to be set before them, and lead to the fleet of the console', async () => {
    const sections = await Promise.all(headings.map(async (heading) => (await readRunbookOf(AWS, heading)).markdown));
    const text = sections.join('\n');
    expect(text).not.toMatch(
      /\beval\b|\$\{?(?:AWS_REGION|installation|fleet|options|name|group|store|target_group|load_balancer|listener|records)\b/,
    );
    const commands = [...text.matchAll(/\.\/holdfast (?!advise|canary)[a-z]+[^`\n]*/g)].map(([command]) => command);
    expect(commands.length).toBeGreaterThan(40);
    expect(commands.filter((command) => !command.includes(OPTIONS))).toEqual([]);
    expect(text).toContain(`--replication-group-id "$(./holdfast status --names store ${OPTIONS})"`);
  });

  it('lead to the local cloud where the console does', async () => {
    const { markdown } = await readRunbookOf({ ...AWS, local: true }, 'deploy-failed');
    expect(markdown).toContain('./holdfast status --fleet shop`');
  });
});
