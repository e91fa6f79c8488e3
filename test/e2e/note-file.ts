/**
 * Around each file: leaves its name and the sessions that it made with the kept cloud, and sees that no role was refused
 * anything that no test took away. All files share one process: a module of theirs that registered a hook would do so once.
 */
import { afterAll, afterEach, expect, inject } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { isDeliberate } from './deliberate-denials.ts';
import { resetFaults } from './faults.ts';
import { noteSessions } from './leaks/note-sessions.ts';
import { noteFile } from './scenario-files.ts';
import { noteLateRefusals } from './taken-permission.ts';

const { runFolder } = inject('cloud');
noteFile(runFolder, expect.getState().testPath as string);

// A scenario may leave the store unreachable, or have no sessions of its own; leaks.test.ts requires some.
afterAll(() => noteSessions().catch(() => 0));
afterAll(() => {
  const refused = readCalls(runFolder).filter((call) => !call.allowed && call.principal.includes(':role/'));
  expect(refused.filter((call) => !isDeliberate(runFolder, call))).toEqual([]);
});
// Hooks run in the opposite order: this one before those.
afterAll(noteLateRefusals);
afterEach(() => resetFaults());
