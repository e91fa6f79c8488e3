/** The page at `/`: log in, count, order, log out. */
export function page({ user, count, orders, version, server }) {
  const body = user
    ? `<p>${escapeHtml(user)}: <b id="count">${Number(count)}</b></p><button data-get="/count">Count</button> <button data-post="/logout">Log out</button>${orderList(orders)}`
    : '<form><input name="user" maxlength="64" required placeholder="Name"> <button>Log in</button></form>';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Counter</title><h1>Counter</h1>${body}
<p><small>version ${escapeHtml(version)} on ${escapeHtml(server)}</small></p><script>
const send = (path, method, body) => fetch(path, { method, body, headers: body ? { 'content-type': 'application/json' } : {} }).then(() => location.reload());
document.querySelector('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const { user, item } = event.target;
  if (user) send('/login', 'POST', JSON.stringify({ user: user.value }));
  else send('/orders', 'POST', JSON.stringify({ item: item.value }));
});
for (const button of document.querySelectorAll('[data-get]')) button.onclick = () => send(button.dataset.get, 'GET');
for (const button of document.querySelectorAll('[data-post]')) button.onclick = () => send(button.dataset.post, 'POST');
</script></html>`;
}

/** What the user has begun; also before the session was lost. */
function orderList(orders) {
  const rows = orders.map(
    ({ id, item, quantity, offeredAgain }) =>
      `<li>${Number(quantity)} × ${escapeHtml(item)}${offeredAgain ? ', from before you logged in' : ''} <button data-post="/orders/${escapeHtml(id)}/confirm">Confirm</button></li>`,
  );
  return `<h2>Orders</h2><ul>${rows.join('')}</ul><form id="order"><input name="item" maxlength="64" required placeholder="Item"> <button>Order</button></form>`;
}

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
