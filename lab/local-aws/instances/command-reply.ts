/** The result of a command that the machine itself answers, as of a program. */
export interface CommandReply {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}
