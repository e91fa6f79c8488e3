import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { describeIncidentRecords } from './incident-records-conformance.ts';

describeIncidentRecords('memory', memoryIncidentRecords);
