/** Models server/documents/read_access_log.py, asked about people. */
import type { PeopleOutput, PeopleParameters } from '../../../../../functions/people/contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import { printed, type Script } from './script.ts';

export const accessLog: Script = async ({ machine, process, parameters }) => {
  const { current: release } = machine.disk;
  const output: PeopleOutput =
    release === NO_RELEASE
      ? { release, gaps: ["the release's contract names no logs.access"] }
      : { release, people: machine.accessLog.answer(parameters as unknown as PeopleParameters), gaps: [] };
  await process.sleep(machine.random.whole(100, 1_500));
  return printed(output);
};
