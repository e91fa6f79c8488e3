const NOTICES = {
  'newer-login': 'You were logged out here, because you logged in on another device.',
  ended: 'You were logged out here, from another of your devices or by a new password.',
};

/** @param why the last session of this browser ended; undefined for a first visit, a log-out and a time-out */
export const loginPage = ({ why, version, server }) =>
  frame({
    title: 'Log in',
    body: `${why ? `<section class="notice" role="status"><p>${NOTICES[why]}</p></section>` : ''}
<section><h2>Log in</h2><form method="post" action="/login"><label>Name <input name="user" maxlength="64" required autocomplete="username"></label><button>Log in</button></form></section>`,
    version,
    server,
  });

/**
 * @param newOrder id of the order that the form begins: sent twice, it is one order
 * @param orders `unfinished`, and `kept`: `table`, or `session` where they end with it; `unsaved`: the last one is in the session alone
 */
export const homePage = ({ user, count, orders, newOrder, devices, version, server }) =>
  frame({
    title: 'Counter',
    header: `<form method="post" action="/logout"><button class="quiet">Log out</button></form>`,
    body: `<section><p class="soft">Logged in as ${escapeHtml(user)}</p>
<div class="count"><b id="count">${Number(count)}</b><form method="post" action="/count"><button>Count</button></form></div></section>
<section><h2>Orders</h2>${orderList(orders.unfinished)}<p class="soft">${keptLine(orders)}</p>
<form method="post" action="/orders"><input type="hidden" name="id" value="${escapeHtml(newOrder)}"><label>Item <input name="item" maxlength="64" required></label><button>Order</button></form></section>
<section><h2>Where you are logged in</h2>${deviceList(devices)}</section>`,
    version,
    server,
  });

export const outagePage = ({ version, server }) =>
  frame({
    title: 'Back in a moment',
    body: `<section class="notice" role="alert"><h2>Back in a moment</h2>
<p>We cannot reach your session just now. You have not been logged out: please try again in a few seconds.</p>
<form action="/"><button>Try again</button></form></section>`,
    version,
    server,
  });

export const errorPage = ({ message, version, server }) =>
  frame({
    title: 'That did not work',
    body: `<section class="notice" role="alert"><h2>That did not work</h2><p>${escapeHtml(message)}</p><form action="/"><button>Back</button></form></section>`,
    version,
    server,
  });

const keptLine = ({ kept, unsaved }) => {
  if (kept !== 'table') return 'They end with this session.';
  return unsaved
    ? 'The last one could not be kept outside this session, and ends with it.'
    : 'They are kept until you confirm them, for a day, and offered again wherever you log in.';
};

/** What the user has begun; also before a session was lost. */
function orderList(orders) {
  if (orders.length === 0) return '<p class="soft empty">None yet.</p>';
  const rows = orders.map(
    ({ id, item, quantity, offeredAgain }) =>
      `<li><span>${Number(quantity)} × ${escapeHtml(item)}${offeredAgain ? ' <span class="soft">from before you logged in</span>' : ''}</span>
<form method="post" action="/orders/${escapeHtml(id)}/confirm"><button class="quiet">Confirm</button></form></li>`,
  );
  return `<ul>${rows.join('')}</ul>`;
}

function deviceList(devices) {
  const rows = devices.map(({ handle, startedAt, current }) => {
    const since = startedAt.toISOString();
    const time = `<time datetime="${since}">${since.slice(0, 16).replace('T', ' ')} UTC</time>`;
    const end = `<form method="post" action="/devices/${handle}/end"><button class="quiet">End</button></form>`;
    return `<li><span>${current ? 'This device' : 'Another device'} <span class="soft">since ${time}</span></span>${current ? '' : end}</li>`;
  });
  const others = devices.length > 1 ? '<form method="post" action="/devices/end-others"><button>End all others</button></form>' : '';
  return `<ul>${rows.join('')}</ul>${others}`;
}

const frame = ({ title, header = '', body, version, server }) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="stylesheet" href="/style.css"></head>
<body><header><h1>Counter</h1>${header}</header><main>${body}</main><footer>version ${escapeHtml(version)} on ${escapeHtml(server)}</footer></body></html>`;

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
