// A shop on Express and express-session, which users enter in several ways. Arguments: port, folder of its logs.
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import express from 'express';
import session from 'express-session';
import morgan from 'morgan';
import pino from 'pino';
import pinoHttp from 'pino-http';

const [port, folder] = [Number(process.argv[2]), process.argv[3]];
const app = express();
const logTo = (name) => createWriteStream(path.join(folder, `${name}.log`), { flags: 'a' });
for (const format of ['combined', 'dev', 'tiny']) app.use(morgan(format, { stream: logTo(`morgan-${format}`) }));
app.use(morgan(process.env.MORGAN_SESSIONS, { stream: logTo('morgan-sessions') }));
app.use(pinoHttp({ logger: pino(logTo('pino-http')) }));

let store;
let secret = 'first';
let sessions;
const renew = () => {
  sessions = session({ name: 'SID', secret, store, resave: false, saveUninitialized: false });
};
const flush = () => {
  store = new session.MemoryStore();
  renew();
};
flush();
app.use((request, response, next) => sessions(request, response, next));

const signIn = (answer) => (request, response) =>
  request.session.regenerate(() => {
    request.session.user = 'ann';
    answer(response);
  });
const signOut = (answer) => (request, response) => request.session.destroy(() => answer(response.clearCookie('SID')));
const page = (request, response) => {
  // As a form's token does.
  request.session.form = 'token';
  response.send('<form>');
};
const onlyUsers = (way) => (request, response, next) => {
  if (request.session.user) return next();
  if (way === undefined) return response.status(401).json({ error: 'sign in' });
  return response.redirect(way);
};
for (const way of ['/login', '/users/sign_in', '/anmelden'])
  app.get(way, page).post(
    way,
    signIn((response) => response.redirect('/account')),
  );
app.get('/auth/start', (_, response) => response.redirect('https://id.example/authorize'));
app.get(
  '/auth/cb',
  signIn((response) => response.redirect('/account')),
);
app.post(
  '/session',
  signIn((response) => response.json({ user: 'ann' })),
);
app.delete(
  '/session',
  signOut((response) => response.status(204).end()),
);
app.get(
  '/logout',
  signOut((response) => response.redirect('/')),
);
for (const way of ['/logout', '/users/sign_out', '/abmelden'])
  app.post(
    way,
    signOut((response) => response.redirect('/')),
  );
app.get('/', (_, response) => response.send('shop'));
app.get('/app.css', (_, response) => response.type('css').send(''));
for (const what of ['/account', '/cart', '/orders/:id']) app.get(what, onlyUsers('/login'), (_, response) => response.send('yours'));
app.post('/cart', onlyUsers('/login'), (_, response) => response.redirect('/cart'));
app.get('/api/me', onlyUsers(), (_, response) => response.json({ user: 'ann' }));

createServer(app).listen(port, '127.0.0.1', () => console.log('ready'));
// What happens to it, on a port of its own that no log sees.
createServer((request, response) => {
  if (request.url === '/flush') flush();
  if (request.url === '/rotate') {
    secret = 'second';
    renew();
  }
  response.end();
}).listen(port + 1, '127.0.0.1');
