/** Errors that definitions name and that no row can bring about. Each is covered by the reading that Holdfast takes of AWS's pages. */
import { PAGES, type Source } from './sources.ts';

export interface Elsewhere {
  readonly items: RegExp;
  /** As a page shows them. */
  readonly names: string;
  readonly why: string;
  readonly source: Source;
}

export const ELSEWHERE: readonly Elsewhere[] = [
  {
    items:
      /^retry Lambda\.(AWSLambda|ClientExecutionTimeout|CodeArtifactUserPending|EC2Throttled|EC2Unexpected|ENINotReady|ResourceConflict|ResourceNotReady|SdkClient|Service|TooManyRequests)Exception$/,
    names: 'errors of the Lambda service (`Lambda.ServiceException` and the like)',
    why: 'Lambda could not run the function. An emulator never fails so; the simulation injects them into deploys, and every step can be repeated.',
    source: PAGES.lambdaErrors,
  },
  {
    items: /^(retry|catch) StepFunctions\.(?!ExecutionAlreadyExists)\w+$/,
    names: 'errors of the Step Functions API (`StepFunctions.…`)',
    why: 'Step Functions refused to start a child, or lost sight of it. Scenarios of the local cloud inject them by name (test/e2e/deploy-faults.test.ts), and so does the simulation; the lists have every reading of the name.',
    source: PAGES.start,
  },
];

export const isElsewhere = (item: string): boolean => ELSEWHERE.some(({ items }) => items.test(item));

/** What one might expect in definitions of this kind, and is in none: items of the inventory, or their beginnings. */
export const NOT_USED = [
  'field Task.HeartbeatSeconds',
  'retrier JitterStrategy',
  'integration dynamodb:',
  'mode DISTRIBUTED',
  'machine QueryLanguage',
  'Choice without Default',
  'field Map.Retry',
  'field Parallel.Retry',
  'field Map.ToleratedFailurePercentage',
] as const;
