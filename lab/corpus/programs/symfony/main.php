<?php
require 'Symfony/Component/HttpFoundation/autoload.php';

use Symfony\Component\HttpFoundation\Session\Session;
use Symfony\Component\HttpFoundation\Session\Storage\Handler\RedisSessionHandler;
use Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage;

ini_set('session.use_cookies', '0');
// As Debian's php.ini has it.
ini_set('session.sid_length', '26');
ini_set('session.sid_bits_per_character', '5');
ini_set('session.use_only_cookies', '0');
ini_set('session.gc_maxlifetime', '1440');
ob_start();
$redis = new Redis();
$redis->connect('127.0.0.1', (int) getenv('CORPUS_PORT'));

function request(Redis $redis, string $id, callable $change, array $options = []): string
{
    session_id($id);
    $handler = new RedisSessionHandler($redis, $options);
    $session = new Session(new NativeSessionStorage(['cache_limiter' => '', 'use_cookies' => 0], $handler));
    $session->start();
    $change($session);
    $id = $session->getId();
    $session->save();
    return $id;
}

$login = fn (string $user) => fn (Session $session) => $session->set('_security_main', $user);
$ann = request($redis, session_create_id(), $login('ann'));
request($redis, $ann, fn (Session $session) => $session->set('visits', 1));
request($redis, request($redis, session_create_id(), $login('ben')), fn (Session $session) => $session->invalidate());
request($redis, session_create_id(), $login('eve'), ['ttl' => 1]);
sleep(2);
foreach ($redis->keys('sf_s*') as $key) {
    print('id base32hex ' . substr($key, 4) . "\n");
}
ob_end_flush();
