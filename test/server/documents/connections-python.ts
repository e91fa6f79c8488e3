/** A Python process with the documents' files that judge connections: it runs lines, with JSON as input and output. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { findPython } from '#local-aws/instances/machine-folder.ts';
import { joinPython } from '../../../server/documents/join-python.ts';

const SOURCE = joinPython('requests_in_flight');

const LOOP = `
usual_path = os.environ["PATH"]
for line in sys.stdin:
    request = json.loads(line)
    os.environ["PATH"] = request.get("path", usual_path)
    scope = dict(globals(), given=request["given"])
    try:
        exec(request["lines"], scope)
        print(json.dumps(scope["result"]), flush=True)
    except Exception as error:
        print(json.dumps(dict(raised=repr(error))), flush=True)`;

export interface ConnectionsPython {
  /** @param lines find the input in `given` and set `result` @param path its PATH meanwhile */
  run<T>(lines: string, given?: unknown, path?: string): Promise<T>;
  stop(): void;
}

export async function startPython(): Promise<ConnectionsPython> {
  const python = await findPython(process.env['PATH'] ?? '');
  const child = spawn(python, ['-I', '-c', `${SOURCE}\n${LOOP}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run<T>(lines: string, given: unknown = null, path?: string) {
      child.stdin.write(`${JSON.stringify({ lines, given, ...(path !== undefined && { path }) })}\n`);
      const { value } = await answers.next();
      const result = JSON.parse(String(value)) as { raised?: string } | undefined;
      if (result?.raised !== undefined) throw new Error(result.raised);
      return result as T;
    },
    stop: () => void child.kill(),
  };
}
