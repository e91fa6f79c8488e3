import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';
import { describeSweepRecords } from './sweep-records-conformance.ts';

describeSweepRecords('memory', memorySweepRecords);
