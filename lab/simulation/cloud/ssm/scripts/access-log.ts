/** Models server/documents/read_access_log.py, asked about people. */
import type { PeopleOutput } from '../../../../../functions/people/contract.ts';
import { printed, type Script } from './script.ts';

export const accessLog: Script = async ({ machine, process }) => {
  await process.sleep(100);
  const output: PeopleOutput = { release: machine.disk.current, gaps: ["the release's contract names no logs.access"] };
  return printed(output);
};
