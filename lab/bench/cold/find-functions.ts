import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A function's code, as the assembly has it. */
export interface FunctionCode {
  readonly name: string;
  /** The module that Lambda imports. */
  readonly file: string;
  /** Bytes of all modules of the code. A source map is not a module: nothing reads it until an error is explained. */
  readonly bytes: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly FunctionName?: unknown; readonly Code?: { readonly S3Key?: unknown } };
}

/** Extension of a module, of any kind that Node loads. */
const MODULE = /\.([cm]?js|json)$/;

/** The functions of every stack in a synthesized assembly whose code is Holdfast's own, by name. */
export function findFunctions(assembly: string): FunctionCode[] {
  const found = new Map<string, FunctionCode>();
  for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json'))) {
    const { Resources } = JSON.parse(readFileSync(path.join(assembly, file), 'utf8')) as { Resources: Record<string, Resource> };
    for (const [logicalId, { Type, Properties }] of Object.entries(Resources)) {
      const key = Properties?.Code?.S3Key;
      if (Type !== 'AWS::Lambda::Function' || typeof key !== 'string') continue;
      const folder = path.join(assembly, `asset.${key.replace(/\.zip$/, '')}`);
      const files = readdirSync(folder);
      if (!files.includes('index.js.map')) continue;
      const name = typeof Properties?.FunctionName === 'string' ? Properties.FunctionName : logicalId;
      const bytes = files
        .filter((one) => MODULE.test(one) && one !== 'package.json')
        .reduce((sum, one) => sum + statSync(path.join(folder, one)).size, 0);
      found.set(name, { name, file: path.join(folder, 'index.js'), bytes });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}
