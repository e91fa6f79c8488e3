const RealDate = Date;

/** The class Date with another clock. Its instances are real dates. @param now milliseconds since the epoch */
export function virtualDate(now: () => number): DateConstructor {
  function VirtualDate(...args: readonly unknown[]): Date | string {
    if (new.target === undefined) return new RealDate(now()).toString();
    return args.length === 0 ? new RealDate(now()) : new RealDate(...(args as [number]));
  }
  return Object.assign(VirtualDate, {
    prototype: RealDate.prototype,
    now,
    parse: RealDate.parse,
    UTC: RealDate.UTC,
  }) as unknown as DateConstructor;
}
