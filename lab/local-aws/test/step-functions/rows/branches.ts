import { about, type Row, secondsOf } from '../row.ts';
import { PAGES, RECORDINGS, SPECIFICATION } from '../sources.ts';
import { CATCH_ALL, CAUGHT, call, pass, wait } from './parts.ts';

const INLINE = { ProcessorConfig: { Mode: 'INLINE' } };
const WAIT_FOR_ITEM = { Type: 'Wait', SecondsPath: '$.item.seconds', Next: 'Say' };
const branch = (States: Readonly<Record<string, object>>) => ({ StartAt: Object.keys(States)[0], States });
/** Fails at once, while another branch would call a function some seconds later. */
const FAIL_FIRST = { Type: 'Fail', ErrorPath: '$.error', CausePath: '$.error' };
/** How and when the execution ended, and how often the other branch had called its function four seconds later. */
const observeLater: NonNullable<Row['observe']> = async (ended, { cloud, arns }) => {
  await cloud.sleep(4);
  const calls = (await cloud.seenBy(arns['work'] as string)).calledAtMs.length;
  return { output: ended.output ?? null, seconds: about(secondsOf(ended), 0), calls };
};

/** Map: order, input, and what a failure ends. */
export const BRANCH_ROWS: readonly Row[] = [
  {
    name: 'map-in-order',
    fact: "A Map gives each item what ItemSelector makes of it and of the state's input; its result has the items' order, not that of their ends.",
    sources: [PAGES.map, PAGES.itemSelector, SPECIFICATION.map],
    covers: [
      ...[
        'state Map',
        'field Map.ItemsPath',
        'field Map.ItemSelector',
        'field Map.ItemProcessor',
        'field Map.ResultPath',
        'field Map.Next',
        'mode INLINE',
      ],
      ...['ItemSelector $$.Map.Item.Value', 'ItemSelector $.a.b', 'ItemsPath $.a.b'],
    ],
    slow: true,
    machines: {
      main: () => ({
        states: {
          'Every shard': {
            Type: 'Map',
            ItemsPath: '$.begun.shards',
            ItemSelector: { 'item.$': '$$.Map.Item.Value', 'sweep.$': '$.begun.sweep' },
            ItemProcessor: {
              ...INLINE,
              ...branch({ Wait: WAIT_FOR_ITEM, Say: pass({ Parameters: { 'was.$': '$.item.seconds', 'of.$': '$.sweep' } }) }),
            },
            ResultPath: '$.swept',
            Next: 'Done',
          },
          Done: { Type: 'Succeed', OutputPath: '$.swept' },
        },
      }),
    },
    input: { begun: { sweep: 's', shards: [{ seconds: 2 }, { seconds: 0 }, { seconds: 1 }] } },
    must: [{ status: 'SUCCEEDED', output: [2, 0, 1].map((was) => ({ was, of: 's' })) }],
  },
  {
    name: 'map-of-nothing',
    fact: 'A Map without items succeeds with an empty list.',
    sources: [PAGES.map, SPECIFICATION.map, RECORDINGS.mapOfNothing],
    notOnPages:
      'The specification requires one element for each item. The recording of a list without items is that of a Map in JSONata that reads its whole input.',
    covers: ['field Map.ItemsPath', 'ItemsPath $.a.b'],
    machines: {
      main: () => ({
        states: {
          Each: { Type: 'Map', ItemsPath: '$.decided.decisions', ItemProcessor: { ...INLINE, ...branch({ Item: pass() }) }, End: true },
        },
      }),
    },
    input: { decided: { decisions: [] } },
    must: [{ status: 'SUCCEEDED', output: [] }],
  },
  {
    name: 'map-one-by-one',
    fact: 'With MaxConcurrency 1, an item begins when the one before has ended.',
    sources: [PAGES.map],
    covers: ['field Map.MaxConcurrency'],
    slow: true,
    machines: {
      main: () => ({
        states: {
          Each: {
            Type: 'Map',
            ItemsPath: '$.all.items',
            MaxConcurrency: 1,
            ItemProcessor: { ...INLINE, ...branch({ Item: wait(1) }) },
            End: true,
          },
        },
      }),
    },
    input: { all: { items: [1, 2, 3] } },
    observe: (ended) => ({ output: ended.output ?? null, seconds: about(secondsOf(ended), 3) }),
    must: [{ output: [1, 2, 3], seconds: 3 }],
  },
  {
    name: 'map-item-fails',
    fact: 'The first item that fails ends the Map at once with its own error, which Catch gets; items that are under way enter no further state.',
    sources: [PAGES.map, RECORDINGS.mapFails],
    notOnPages: 'The page documents that the Map fails and that all iterations stop. The recording shows that its error is the item’s own.',
    emulatorAlone: 'the Map waits for every item',
    covers: ['field Map.Catch', 'catch States.ALL'],
    slow: true,
    functions: { work: { answers: [{ returns: 'never called' }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Each: {
            Type: 'Map',
            ItemsPath: '$.all.items',
            ItemProcessor: {
              ...INLINE,
              ...branch({
                'Which?': { Type: 'Choice', Choices: [{ Variable: '$.error', StringEquals: 'NodeLost', Next: 'Fail' }], Default: 'Wait' },
                Fail: FAIL_FIRST,
                Wait: wait(3, { Next: 'Work' }),
                Work: call(work),
              }),
            },
            Catch: CATCH_ALL,
            End: true,
          },
          ...CAUGHT,
        },
      }),
    },
    input: { all: { items: [{ error: 'none' }, { error: 'NodeLost' }] } },
    observe: observeLater,
    must: [{ output: { caught: 'NodeLost' }, seconds: 0, calls: 0 }],
  },
  {
    name: 'stopped-in-a-branch',
    fact: 'An execution that is stopped enters no further state, in branches and items as well.',
    sources: [PAGES.stop],
    emulatorAlone: 'the items go on',
    covers: ['state Map', 'field Task.End'],
    reliedOnBy: 'cli/deploy/abort-deploy.ts',
    slow: true,
    functions: { work: { answers: [{ returns: 'never called' }] } },
    machines: {
      main: ({ work }) => ({
        states: {
          Each: {
            Type: 'Map',
            ItemsPath: '$.all.items',
            ItemProcessor: { ...INLINE, ...branch({ Wait: wait(3, { Next: 'Work' }), Work: call(work) }) },
            End: true,
          },
        },
      }),
    },
    input: { all: { items: [1] } },
    during: async ({ cloud, executionArn }) => {
      await cloud.sleep(1);
      await cloud.stop(executionArn, 'Aborted', 'by hand');
      await cloud.sleep(4);
      return null;
    },
    observe: async ({ status }, { cloud, arns }) => ({ status, calls: (await cloud.seenBy(arns['work'] as string)).calledAtMs.length }),
    must: [{ status: 'ABORTED', calls: 0 }],
  },
];
