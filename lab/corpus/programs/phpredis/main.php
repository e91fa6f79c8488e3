<?php
// PHP's own sessions, which the extension redis keeps.
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', 'tcp://127.0.0.1:' . getenv('CORPUS_PORT'));
ini_set('session.use_cookies', '0');
// As Debian's php.ini has it.
ini_set('session.sid_length', '26');
ini_set('session.sid_bits_per_character', '5');
ini_set('session.use_only_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.serialize_handler', $argv[1]);
ini_set('redis.session.locking_enabled', '1');

function request(string $id, callable $change): string
{
    session_id($id);
    session_start();
    $change();
    $id = session_id();
    session_write_close();
    return $id;
}

$login = fn (string $user) => function () use ($user) {
    $_SESSION['user'] = $user;
    $_SESSION['cart'] = ['books' => 3];
};
$ann = request(session_create_id(), $login('ann'));
request($ann, fn () => $_SESSION['visits'] = 1);
request(request(session_create_id(), $login('ben')), fn () => session_destroy());
ini_set('session.gc_maxlifetime', '1');
request(session_create_id(), $login('eve'));
sleep(2);
print("id base32hex $ann\n");
