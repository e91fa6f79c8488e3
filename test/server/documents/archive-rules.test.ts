/** Names and links of a release: who publishes it and the server that installs it refuse the same ones. */
import { expect, it } from 'vitest';
import { linkProblem, nameProblem } from '../../../cli/releases/list-files.ts';
import { joinPython } from '../../../server/documents/join-python.ts';
import { HEALTHY, STEERS } from '../../functions/shared/hostile-texts.ts';
import { runPython } from './warm-python.ts';

const LINKS = ['b', './b', 'b//c', '../b', '../../b', '', '/b', 'b/../c', 'b\\c', 'b\nc', 'b\u202ec', 'b\u200bc', `${'b/'.repeat(600)}c`];
const NAMES = [
  'a',
  'a b/ü.txt',
  'a\\b',
  'a\u001b[2J',
  'a\u009b2J',
  'a\nb',
  'a\tb',
  'a\u202egnp.exe',
  'ad\u200bmin',
  'ad\u3164min',
  '\u00ad',
];
const LONG = [`${'a/'.repeat(600)}b`];

/** Whether the server refuses each: names, and links from `folder/link`. */
async function refusedOnServer(names: readonly string[], links: readonly string[]): Promise<{ names: boolean[]; links: boolean[] }> {
  const more = `
def refuses(check, *values):
    try:
        check(*values)
        return False
    except Failure:
        return True
given = json.loads(${JSON.stringify(JSON.stringify({ names, links }))})
print(json.dumps(dict(
    names=[refuses(member_name, name) for name in given["names"]],
    links=[refuses(check_link, "folder/link", target) or len(target) > LONGEST_NAME for target in given["links"]],
)))
`;
  const { stdout, stderr, code } = await runPython({ script: joinPython('release_archive'), more, limitSeconds: 100 });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { names: boolean[]; links: boolean[] };
}

it('a name or a link that steers, hides or leads out is refused by both', async () => {
  const healthy = HEALTHY.map((text) => text.replaceAll(/[/\\]/g, '')).filter((text) => !STEERS.test(text));
  const names = [...NAMES, ...LONG, ...healthy];
  const server = await refusedOnServer(names, LINKS);
  const shown = (all: readonly string[], refused: readonly boolean[]) => Object.fromEntries(all.map((one, at) => [one, refused[at]]));
  expect(shown(names, server.names)).toEqual(
    shown(
      names,
      names.map((name) => nameProblem(name) !== undefined),
    ),
  );
  expect(shown(LINKS, server.links)).toEqual(
    shown(
      LINKS,
      LINKS.map((target) => linkProblem('folder/link', target) !== undefined),
    ),
  );
  expect(server.names.filter(Boolean).length).toBeGreaterThan(8);
});
