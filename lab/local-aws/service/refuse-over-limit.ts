/** Refuses what is beyond a limit of the real service, by the table that synthesis reads too: each local service, and before what is forwarded. */
import { isOver, type Measured, measureCall, measureResource } from '../../../functions/shared/limits/measure-input.ts';
import { LIMITS } from '../../../functions/shared/limits/service-limits.ts';
import { AwsError } from './service.ts';

/** Signing names of services with a limit. */
export const LIMITED_SERVICES: ReadonlySet<string> = new Set(LIMITS.map(({ service }) => service));
/** Resource types with a limit. */
export const LIMITED_TYPES: readonly string[] = [...new Set(LIMITS.flatMap(({ type }) => type ?? []))];

/** Operations whose name is in no header and no form. */
const REST_OPERATIONS: readonly (readonly [service: string, call: RegExp, operation: string])[] = [
  ['lambda', /^POST \/[\d-]+\/functions$/, 'CreateFunction'],
  ['lambda', /^PUT \/[\d-]+\/functions\/[^/]+\/configuration$/, 'UpdateFunctionConfiguration'],
  ['lambda', /^PUT \/[\d-]+\/functions\/[^/]+\/code$/, 'UpdateFunctionCode'],
  ['scheduler', /^POST \/schedules\/[^/]+$/, 'CreateSchedule'],
  ['scheduler', /^PUT \/schedules\/[^/]+$/, 'UpdateSchedule'],
];

/** @throws AwsError with the service's code */
export function refuseCallOverLimit(service: string, action: string, input: unknown): void {
  const operation = REST_OPERATIONS.find(([name, call]) => name === service && call.test(action))?.[2] ?? action;
  refuse(operation, measureCall(service, operation, input));
}

/** @param properties of a template, with every intrinsic function resolved. @throws AwsError with the service's code */
export const refuseResourceOverLimit = (type: string, properties: unknown): void => refuse(type, measureResource(type, properties));

function refuse(what: string, measured: readonly Measured[]): void {
  const over = measured.find(isOver);
  if (over === undefined) return;
  const { field, size, most, measure, code, limits } = over;
  throw new AwsError(code ?? limits.code, `${what}: ${field.replace(/!$/, '')} has ${size} (${measure}), and at most ${most} are allowed.`);
}
