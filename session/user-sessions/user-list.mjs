/** How long a request with an ended session can learn why. */
const REASON_SECONDS = 300;

/**
 * A user's sessions, newest first, in a list. Each command has one key, so that a cluster takes it; the server decides the order.
 * Members can be left over from a session that timed out, or from a server that died: they count as ended.
 */
export function createUserList({ client, names, lifeSeconds }) {
  /** @returns every member, this one first */
  async function push(userHash, id) {
    const list = names.listOf(userHash);
    const [, members] = await client.multi().lPush(list, id).lRange(list, 0, -1).expire(list, lifeSeconds).exec();
    return members;
  }

  const members = (userHash) => client.lRange(names.listOf(userHash), 0, -1);

  /** Those whose session exists. One without a session never gets one again: a session is stored before it becomes a member. */
  async function living(ids) {
    const exist = await Promise.all(ids.map((id) => client.exists(names.sessionOf(id))));
    return ids.filter((_, at) => exist[at] === 1);
  }

  /** @param reason undefined: a request with the session learns none @returns the number of sessions that lived until now */
  async function end(ids, reason) {
    const deleted = await Promise.all(ids.map((id) => client.del(names.sessionOf(id))));
    const ended = ids.filter((_, at) => deleted[at] === 1);
    if (reason !== undefined) {
      const expiration = { type: 'EX', value: REASON_SECONDS };
      await Promise.all(ended.map((id) => client.set(names.endedOf(id), reason, { expiration })));
    }
    return ended.length;
  }

  /** Call it after the sessions have ended: one that is removed from the list first could live on, and nothing would end it. */
  const remove = (userHash, ids) => Promise.all(ids.map((id) => client.lRem(names.listOf(userHash), 0, id)));

  return { push, members, living, end, remove };
}
