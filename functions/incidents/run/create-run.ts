import { classify } from '../classify/classify.ts';
import { decide } from '../classify/decide.ts';
import { createRunbookSteps, type RunbookStepPorts } from './run-steps.ts';

/** The steps of a runbook as they are deployed: what comes to the finding, and to what is done about it, is chosen here alone. */
export const createRun = (ports: Omit<RunbookStepPorts, 'classify' | 'decide'>): ReturnType<typeof createRunbookSteps> =>
  createRunbookSteps({ ...ports, classify, decide });
