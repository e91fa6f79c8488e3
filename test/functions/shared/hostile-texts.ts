/** Texts that an application, a publisher or a site can write, with what of them nobody may see. */

const SECRET = 'Swordfish-7411-qX';

const TEXTS: readonly (readonly [what: string, text: string, secret?: string])[] = [
  ['a terminal’s escape', 'ok \u001b[2J\u001b[1;1Hdone'],
  ['a terminal’s title', 'ok \u001b]0;all is well\u0007 done'],
  ['a link of a terminal', 'ok \u001b]8;;http://evil.example\u001b\\here'],
  ['an escape that does not end', 'ok \u001b]0;no end'],
  ['an escape of one character (C1)', 'ok \u009b2J\u0085done'],
  ['every control character', Array.from({ length: 32 }, (_, at) => String.fromCharCode(at)).join('.')],
  ['every C1 control character', Array.from({ length: 33 }, (_, at) => String.fromCharCode(0x7f + at)).join('.')],
  ['marks that turn the direction', 'ok \u202a\u202b\u202c\u202d\u202egnp.exe'],
  ['isolated directions', 'ok \u2066one\u2067two\u2068three\u2069'],
  ['direction marks', 'ok \u200eone\u200ftwo\u061cthree'],
  ['what takes no room', 'ad\u200bmi\u200cn\u200d \ufeff\u2060\u00ad\u180e'],
  ['letters that are blank', 'ad\u3164min\u115f\u1160'],
  ['hidden tags', 'ok \u{e0001}\u{e0041}\u{e007f}'],
  ['separators', 'one\u2028two\u2029three'],
  ['half characters', 'ok \ud800 and \udfff'],
  ['a line that is forged', 'ok\r\nINFO everything is fine'],
  ['a cookie that is set', `Set-Cookie: SID=${SECRET}; Path=/`, SECRET],
  ['a cookie', `sent Cookie: theme=dark; SID=${SECRET}`, SECRET],
  ['a cookie in JSON', `{"Cookie":"SID=${SECRET}","a":1}`, SECRET],
  ['a password', `login failed, password=${SECRET}`, SECRET],
  ['a password in quotes', `{"password":"${SECRET} and more","user":"bob"}`, `${SECRET} and more`],
  ['a password of several words', `the password: ${SECRET} and more words`, 'more words'],
  ['a bearer token', `Authorization: Bearer ${SECRET}`, SECRET],
  ['a bearer token without its header', `refused Bearer ${SECRET}`, SECRET],
  ['a password in a URL', `redis://:${SECRET}@store.internal:6379 refused`, SECRET],
  ['a password with signs in a URL', `redis://app:${SECRET}/x@y@store.internal refused`, SECRET],
  ['a session of Tomcat', 'session 3BD6A1F00C4E4E0B9A7D5C2211EE4477 ended', '3BD6A1F00C4E4E0B9A7D5C2211EE4477'],
  ['a session of Tomcat in a path', `/cart;jsessionid=${SECRET} not found`, SECRET],
  ['a session of express-session', 'saw s%3AJx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.sig', 'Jx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc'],
  ['a session of Spring', `SESSION=${SECRET}`, SECRET],
  ['a session between escapes', `SE\u001b[0mSSION\u200b=${SECRET}`, SECRET],
  ['a token in a query', `GET /login?token=${SECRET}&x=1`, SECRET],
  ['a JWT', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmVk', 'eyJzdWIiOiIxIn0'],
  ['an access key of AWS', 'AKIAIOSFODNN7EXAMPLE is not valid', 'AKIAIOSFODNN7EXAMPLE'],
];

/** Name, text, and its secret if it has one. */
export const HOSTILE = TEXTS.map(([what, text, secret]) => [what, text, secret] as const);

/** What a text that can be shown has none of. A line feed is one as well, where a text is a part of a sentence. */
export const STEERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff]|[\u{e0000}-\u{e007f}]|\p{Cs}/u;

/** Texts that stay as they are. */
export const HEALTHY: readonly string[] = [
  'Grüße aus Köln, ça va, Ελλάδα, Привет',
  '東京の店, 서울, 北京',
  '👨‍👩‍👧 🏳️‍🌈 👩🏽‍💻 🧑‍🚀 ❤️‍🔥 ✅',
  'שלום, مرحبا',
  'Cafe\u0301 (decomposed)',
  'the service is failed after its start; 1.4.2-0123456789abcdef0123456789abcdef01234567 runs again',
  '10.0.0.2:4000 is not reached: com.example.shop.CartSession, 3 sessions: 2 changed',
  'RedisWrongPasswordException: no such user',
  'requested: http://127.0.0.1:8080/health; holdfast-app is activating, restarted 7 times, last exit code 1',
  'allow the servers secretsmanager:GetSecretValue on it',
  'mail@example.com wrote https://example.com/@user/post',
];
