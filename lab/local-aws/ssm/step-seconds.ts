/** How long a document and its steps may run. */
import type { CommandDocument, DocumentStep } from './document-content.ts';
import { type ParameterValue, substitute } from './parameter-values.ts';

/** Time-out of a step that names none. */
const DEFAULT_STEP_SECONDS = 3600;

/** Seconds that a step may run, from its inputs. */
export function stepSeconds(step: DocumentStep, values: Readonly<Record<string, ParameterValue>>): number {
  const seconds = Number(substitute(step.inputs['timeoutSeconds'], values) ?? DEFAULT_STEP_SECONDS);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_STEP_SECONDS;
}

/** Longest that the document's steps may run, in seconds. */
export function documentSeconds(document: CommandDocument, values: Readonly<Record<string, ParameterValue>>): number {
  return document.mainSteps.reduce((sum, step) => sum + stepSeconds(step, values), 0);
}
