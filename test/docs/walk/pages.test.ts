/** The table of the walk and the pages have the same blocks: a new one is walked, or has a reason why not. */
import { describe, expect, it } from 'vitest';
import { readPage } from '../check/pages.ts';
import { blocksOf, commandsOfBlock } from './blocks.ts';
import { blockOf, type Step, WALK } from './pages.ts';

describe.each(Object.entries(WALK))('%s', (page, steps) => {
  it('has no code block that is neither walked nor left out with a reason', () => {
    const stepsOf = (block: string) => steps.filter((step) => (step.on ?? page) === page && blockOf(page, step) === block);
    expect(blocksOf(readPage(page)).filter((block) => stepsOf(block).length !== 1)).toEqual([]);
  });

  it('has each step that is walked', () => {
    const isThere = (step: Step) => blockOf(page, step) !== undefined || readPage(step.on ?? page).includes(`\`${step.printed}\``);
    expect(steps.filter((step) => !isThere(step)).map(({ printed }) => printed)).toEqual([]);
  });

  // The shell of macOS has no comments where someone types: it takes their words for arguments, and `?` for names of files.
  it('has no comment in what is pasted into a terminal', () => {
    expect(blocksOf(readPage(page)).filter((block) => isPasted(block) && /(?:^|\s)#\s/m.test(block))).toEqual([]);
  });

  // The answer to its question would be the next line that was pasted.
  it('has a command that asks at the end of its block', () => {
    const asking = blocksOf(readPage(page)).filter((block) => isPasted(block) && commandsOfBlock(block).slice(0, -1).some(asks));
    expect(asking).toEqual([]);
  });
});

const isPasted = (block: string): boolean => /^(?:\.\/holdfast|npx|npm|git|aws|node|systemctl|export|\w+=)/.test(block);

/** `init` asks what no option decides; `cdk` before it adds rights, and before it deletes. */
const asks = (command: string): boolean =>
  (/holdfast init /.test(command) && !/--key-prefix|--print-policy/.test(command)) ||
  (/cdk deploy /.test(command) && !command.includes('--require-approval never')) ||
  (/cdk destroy /.test(command) && !command.includes('--force'));

describe('a block', () => {
  it('is taken command by command, with loops and lines that go on whole', () => {
    const block = 'a \\\n  b\n\nfor x in 1 2; do\n  echo $x\ndone\nc\n';
    expect(commandsOfBlock(block)).toEqual(['a \\\n  b', 'for x in 1 2; do\n  echo $x\ndone', 'c']);
  });
});
