/** The page at `/`: log in, count, log out. */
export function page({ user, count, version, server }) {
  const body = user
    ? `<p>${escapeHtml(user)}: <b id="count">${Number(count)}</b></p><button data-get="/count">Count</button> <button data-post="/logout">Log out</button>`
    : '<form><input name="user" maxlength="64" required placeholder="Name"> <button>Log in</button></form>';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Counter</title><h1>Counter</h1>${body}
<p><small>version ${escapeHtml(version)} on ${escapeHtml(server)}</small></p><script>
const send = (path, method, body) => fetch(path, { method, body, headers: body ? { 'content-type': 'application/json' } : {} }).then(() => location.reload());
document.querySelector('form')?.addEventListener('submit', (event) => {
  event.preventDefault();
  send('/login', 'POST', JSON.stringify({ user: event.target.user.value }));
});
for (const button of document.querySelectorAll('[data-get]')) button.onclick = () => send(button.dataset.get, 'GET');
for (const button of document.querySelectorAll('[data-post]')) button.onclick = () => send(button.dataset.post, 'POST');
</script></html>`;
}

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
