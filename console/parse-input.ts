import type { z } from 'zod';
import { badInput } from '../cli/failure.ts';

/** A request's body by its schema. @throws CommandFailure InvalidInput that names the first field that is wrong */
export function parseInput<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (error === undefined) return data as T;
  const { path, message } = error.issues[0] as z.core.$ZodIssue;
  throw badInput('InvalidInput', `the request is not valid: ${[...path, message].join(': ')}; nothing was changed`);
}
