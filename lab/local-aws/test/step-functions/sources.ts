/** What the rows cite: AWS's pages, and what AWS was seen to do where these leave something open. */

/**
 * `page`: of AWS's documentation; `specification`: of the language, by AWS; `recording`: AWS's answers to a test that LocalStack's
 * makers ran on AWS; `measurement`: what others printed of a run on AWS.
 */
type SourceKind = 'page' | 'specification' | 'recording' | 'measurement';

export interface Source {
  readonly kind: SourceKind;
  /** As a page shows it. */
  readonly title: string;
  readonly address: string;
}

/** A section of a page is its anchor. */
function at(folder: string, name: string, section?: string): Source {
  const anchor = section === undefined ? '' : `#${section}`;
  return { kind: 'page', title: `${name}${anchor}`, address: `${folder}/${name}.html${anchor}` };
}
const guide = (name: string, section?: string) => at('https://docs.aws.amazon.com/step-functions/latest/dg', name, section);
const api = (action: string) => at('https://docs.aws.amazon.com/step-functions/latest/apireference', `API_${action}`);

export const PAGES = {
  errors: guide('concepts-error-handling'),
  errorNames: guide('concepts-error-handling', 'error-handling-error-representation'),
  retriers: guide('concepts-error-handling', 'error-handling-retrying-after-an-error'),
  catchers: guide('concepts-error-handling', 'error-handling-fallback-states'),
  sizes: guide('service-quotas', 'service-limits-task-executions'),
  structure: guide('statemachine-structure'),
  commonFields: guide('statemachine-structure', 'amazon-states-language-common-fields'),
  task: guide('state-task'),
  choice: guide('state-choice'),
  choiceRules: guide('state-choice', 'state-choice-rules-jsonpath'),
  wait: guide('state-wait'),
  pass: guide('state-pass'),
  succeed: guide('state-succeed'),
  fail: guide('state-fail'),
  map: guide('state-map-inline', 'map-state-inline-additional-fields'),
  itemSelector: guide('input-output-itemselector'),
  parameters: guide('input-output-inputpath-params'),
  resultReplaces: guide('input-output-resultpath', 'input-output-resultpath-default'),
  resultDropped: guide('input-output-resultpath', 'input-output-resultpath-null'),
  resultAdded: guide('input-output-resultpath', 'input-output-resultpath-append'),
  resultOfCatch: guide('input-output-resultpath', 'input-output-resultpath-catch'),
  context: guide('input-output-contextobject'),
  format: guide('intrinsic-functions', 'asl-intrsc-func-generic'),
  sync: guide('connect-to-resource', 'connect-sync'),
  nested: guide('connect-stepfunctions'),
  lambda: guide('connect-lambda'),
  lambdaErrors: guide('sfn-best-practices', 'bp-lambda-serviceexception'),
  start: api('StartExecution'),
  stop: api('StopExecution'),
  /** Has the sentence on a missing variable that the present page lacks. */
  choiceOf2023: {
    kind: 'page',
    title: 'amazon-states-language-choice-state, edition of 2023',
    address:
      'https://github.com/awsdocs/aws-step-functions-developer-guide/blob/3d6752c179885aa864a2a49eb47a8131b5004aa0/doc_source/amazon-states-language-choice-state.md',
  },
  runtimeExit: {
    kind: 'page',
    title: 'knowledge-center/lambda-runtime-error',
    address: 'https://repost.aws/knowledge-center/lambda-runtime-error',
  },
} as const satisfies Readonly<Record<string, Source>>;

const specified = (section: string): Source => ({
  kind: 'specification',
  title: `specification: ${section}`,
  address: `https://states-language.net/spec.html#${section}`,
});

export const SPECIFICATION = {
  paths: specified('using-paths'),
  booleans: specified('boolean-expression'),
  dataTests: specified('data-test'),
  map: specified('map-state'),
  succeed: specified('succeed-state'),
} as const;

/** @param line where the test begins @param year of the run on AWS */
const recorded = (file: string, line: number, test: string, year: number): Source => ({
  kind: 'recording',
  title: `recording of ${year}: ${test}`,
  address: `https://github.com/localstack/localstack/blob/v4.14.0/tests/aws/services/${file}.snapshot.json#L${line}`,
});
const scenario = (line: number, test: string, year: number) => recorded('stepfunctions/v2/scenarios/test_base_scenarios', line, test, year);
const child = (line: number, test: string) => recorded('stepfunctions/v2/callback/test_callback', line, test, 2023);

export const RECORDINGS = {
  noSuchPath: scenario(26_326, 'test_invalid_jsonpath', 2025),
  runtimeNotCaught: scenario(11_100, 'test_catch_states_runtime', 2023),
  mapOfNothing: scenario(23_391, 'test_map_state_items_input_array', 2024),
  mapFails: scenario(1_300, 'test_map_state_catch', 2023),
  tooLargeCaught: recorded(
    'stepfunctions/v2/error_handling/test_states_errors',
    432,
    'test_task_lambda_catch_state_all_data_limit_exceeded_on_large_utf8_response',
    2024,
  ),
  thrown: recorded('stepfunctions/v2/error_handling/test_task_lambda', 103, 'test_raise_custom_exception', 2024),
  refusedStart: recorded('stepfunctions/v2/error_handling/test_task_service_sfn', 2, 'test_start_execution_no_such_arn', 2023),
  machineOutOfTime: recorded('stepfunctions/v2/timeouts/test_timeouts', 688, 'test_global_timeout', 2024),
  childSucceeds: child(1_135, 'test_start_execution_sync2'),
  childFails: child(799, 'test_start_execution_sync_delegate_failure'),
  presence: recorded('stepfunctions/v2/choice_operators/test_is_operators', 1_019, 'test_is_present', 2023),
  texts: recorded('stepfunctions/v2/choice_operators/test_string_operators', 45, 'test_string_equals', 2023),
  booleans: recorded('stepfunctions/v2/choice_operators/test_boolean_equals', 2, 'test_boolean_equals', 2023),
  sameName: recorded('stepfunctions/v2/test_sfn_api', 2_265, 'test_start_execution_idempotent', 2024),
  handlerExits: recorded('lambda_/test_lambda', 3_418, 'test_lambda_handler_exit', 2025),
  functionOutOfTime: recorded('lambda_/test_lambda', 208, 'test_lambda_invoke_with_timeout', 2025),
} as const;

const measured = (issue: number): Source => ({
  kind: 'measurement',
  title: `measurement: floci-io/floci#${issue}`,
  address: `https://github.com/floci-io/floci/issues/${issue}`,
});

export const MEASUREMENTS = { machineOutOfTime: measured(2_733), stopped: measured(2_734) } as const;
