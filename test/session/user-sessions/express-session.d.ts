/** What tests use of it; the package has no types of its own. */
declare module 'express-session' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
  export class Store {}
  export default function session(options: object): Middleware;
}
