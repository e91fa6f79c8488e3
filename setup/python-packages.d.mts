export function pipEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
