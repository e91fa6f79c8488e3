/** What of the Amazon States Language and of Step Functions' integrations a definition uses. Pure. */

type Fields = Readonly<Record<string, unknown>>;

/** As synthesized, references resolved in whichever way. */
export interface AnyDefinition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Fields>>;
}

/** Names that functions throw: which ones does not matter to Step Functions. */
const ERROR = 'ERROR';
/** Fields that every state has, apart from those that say where it leads. */
const OF_EVERY_STATE = ['Type', 'Comment'];
const PATH_FIELDS = ['ItemsPath', 'OutputPath', 'InputPath', 'SecondsPath', 'TimeoutSecondsPath', 'ErrorPath', 'CausePath'];
const TEMPLATE_FIELDS = ['Parameters', 'ItemSelector', 'ResultSelector'];

/** Sorted, each once: `state Task`, `field Task.TimeoutSeconds`, `operator And`, `retry States.ALL`, … */
export function inventoryOf(definitions: readonly AnyDefinition[]): string[] {
  const items = new Set<string>();
  for (const definition of definitions) {
    for (const field of Object.keys(definition)) if (!['Comment', 'StartAt', 'States'].includes(field)) items.add(`machine ${field}`);
    for (const item of ofStates(definition.States)) items.add(item);
  }
  return [...items].sort();
}

function* ofStates(states: AnyDefinition['States']): Generator<string> {
  for (const state of Object.values(states)) yield* ofState(state);
}

function* ofState(state: Fields): Generator<string> {
  const type = String(state['Type']);
  yield `state ${type}`;
  for (const field of Object.keys(state)) if (!OF_EVERY_STATE.includes(field)) yield `field ${type}.${field}`;
  for (const field of PATH_FIELDS) if (typeof state[field] === 'string') yield `${field} ${shape(state[field])}`;
  for (const field of TEMPLATE_FIELDS) if (state[field] !== undefined) yield* ofTemplate(field, state[field]);
  if ('ResultPath' in state) yield `ResultPath ${shape(state['ResultPath'])}`;
  if (type === 'Task') yield* ofTask(state);
  for (const retrier of list(state['Retry'])) yield* ofHandler('retrier', 'retry', retrier);
  for (const catcher of list(state['Catch'])) yield* ofHandler('catcher', 'catch', catcher);
  for (const rule of list(state['Choices'])) yield* ofRule(rule);
  if (type === 'Choice' && state['Default'] === undefined) yield 'Choice without Default';
  const processor = state['ItemProcessor'] as (AnyDefinition & { readonly ProcessorConfig?: { readonly Mode?: string } }) | undefined;
  if (processor) {
    yield `mode ${processor.ProcessorConfig?.Mode ?? 'INLINE'}`;
    yield* ofStates(processor.States);
  }
  for (const branch of list(state['Branches'])) yield* ofStates((branch as unknown as AnyDefinition).States);
}

function* ofTask({ Resource, Parameters }: Fields): Generator<string> {
  const integration = /:states:::(.*)$/.exec(String(Resource))?.[1];
  yield `integration ${integration ?? 'lambda'}`;
  // The payload of a function is its own affair.
  if (integration === undefined) return;
  for (const name of Object.keys((Parameters ?? {}) as Fields)) yield `parameter ${integration} ${name.replace(/\.\$$/, '')}`;
}

function* ofHandler(kind: string, verb: string, handler: Fields): Generator<string> {
  for (const field of Object.keys(handler)) yield `${kind} ${field}`;
  for (const name of handler['ErrorEquals'] as string[]) yield `${verb} ${name.includes('.') ? name : ERROR}`;
  if ('ResultPath' in handler) yield `${kind} ResultPath ${shape(handler['ResultPath'])}`;
}

function* ofRule(rule: Fields): Generator<string> {
  for (const [key, value] of Object.entries(rule)) {
    if (key === 'Next') continue;
    if (key === 'Variable') yield `variable ${shape(value)}`;
    else yield `operator ${key}`;
    if (key === 'And' || key === 'Or') for (const part of list(value)) yield* ofRule(part);
    if (key === 'Not') yield* ofRule(value as Fields);
  }
}

function* ofTemplate(field: string, template: unknown): Generator<string> {
  if (Array.isArray(template)) for (const item of template) yield* ofTemplate(field, item);
  else if (typeof template === 'object' && template !== null)
    for (const [key, value] of Object.entries(template)) {
      if (key.endsWith('.$')) yield `${field} ${shape(value)}`;
      else if (typeof value === 'object') yield* ofTemplate(field, value);
      else if (field === 'Parameters') yield `${field} literal`;
    }
}

const list = (value: unknown): readonly Fields[] => (value ?? []) as readonly Fields[];

/** `$.next.roll.instanceId` is `$.a.b`: Step Functions does not care for names, nor for how deep. Context and functions stay. */
function shape(path: unknown): string {
  if (typeof path !== 'string') return String(path);
  const intrinsic = /^(States\.[A-Za-z]+)\(/.exec(path)?.[1];
  if (intrinsic) return intrinsic;
  if (path.startsWith('$$') || path === '$') return path;
  if (!/^\$(\.[A-Za-z_]\w*)+$/.test(path)) return path;
  return path.split('.').length === 2 ? '$.a' : '$.a.b';
}
