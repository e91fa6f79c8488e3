/** The members that a configuration lists, as a function's environment has them: it holds 4 KB in all, and a hundred of them as JSON need more. Pure. */
import type { ExistingMember } from '../../shared/aws/target-group.ts';

/** `i-0123`, or `mi-0123=10.0.0.1:8080/all`: the target's address, and its zone where it has one. */
const MEMBER = /^(m?i-[0-9a-f]+)(?:=([0-9.]+):([0-9]{1,5})(?:\/([a-z0-9-]+))?)?$/;

/** The members as one text, which is empty without any. */
export const membersText = (members: readonly ExistingMember[]): string =>
  members.map(({ instanceId, target }) => (target ? `${instanceId}=${addressText(target)}` : instanceId)).join(' ');

const addressText = ({ id, port, availabilityZone }: NonNullable<ExistingMember['target']>): string =>
  `${id}:${port}${availabilityZone ? `/${availabilityZone}` : ''}`;

/** @throws Error with the part that is no member */
export const parseMembers = (text: string): readonly ExistingMember[] =>
  text.split(' ').map((part) => {
    const [, instanceId, id, port, availabilityZone] = MEMBER.exec(part) ?? [];
    if (instanceId === undefined) throw new Error(`${JSON.stringify(part)} is not a member`);
    return { instanceId, ...(id !== undefined && { target: { id, port: Number(port), ...(availabilityZone && { availabilityZone }) } }) };
  });
