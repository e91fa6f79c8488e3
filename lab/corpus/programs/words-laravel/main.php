<?php
// Sessions and cookies that Laravel and PHP cannot read or decrypt. Each entry's first line names what was wrong.
foreach (['Encryption', 'Session'] as $part) {
    require_once "Illuminate/$part/autoload.php";
}

use Illuminate\Encryption\Encrypter;

$log = tempnam(sys_get_temp_dir(), 'words');
ini_set('log_errors', '1');
ini_set('display_errors', '0');
ini_set('error_log', $log);
function wrong(string $name, callable $do): void
{
    global $log;
    file_put_contents($log, '');
    try {
        $do();
    } catch (Throwable $error) {
        // As Monolog writes Laravel's log.
        $class = get_class($error);
        $where = "{$error->getFile()}:{$error->getLine()}";
        $entry = "[2026-11-27 09:30:00] production.ERROR: {$error->getMessage()} {\"exception\":\"[object] ($class(code: 0): {$error->getMessage()} at $where)\n[stacktrace]\n{$error->getTraceAsString()}\n\"}";
        file_put_contents($log, $entry);
    }
    fwrite(STDERR, "\x1e$name\n" . file_get_contents($log));
}

$encrypted = (new Encrypter(str_repeat('a', 32), 'AES-256-CBC'))->encrypt('ann');
$other = new Encrypter(str_repeat('b', 32), 'AES-256-CBC');
wrong('another APP_KEY', fn () => $other->decrypt($encrypted));
wrong('not encrypted', fn () => $other->decrypt('ann'));
wrong('another codec', fn () => unserialize('{"user":"ann"}'));
session_set_save_handler(
    fn () => true, fn () => true, fn () => 'user|O:4:"Cart":1:{broken', fn () => true, fn () => true, fn () => 0,
);
wrong("another serialize handler", function () {
    ini_set('session.use_cookies', '0');
    session_start();
});
