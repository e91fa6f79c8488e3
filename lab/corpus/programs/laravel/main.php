<?php
// Laravel's sessions in its cache, its throttle and its cache itself, as config/session.php with the driver redis wires them.
foreach (['Cache', 'Session', 'Redis', 'Container'] as $part) {
    require_once "Illuminate/$part/autoload.php";
}

use Illuminate\Cache\RateLimiter;
use Illuminate\Cache\RedisStore;
use Illuminate\Cache\Repository;
use Illuminate\Redis\RedisManager;
use Illuminate\Session\CacheBasedSessionHandler;
use Illuminate\Session\Store;

[, $slug] = $argv;
$redis = new RedisManager(new Illuminate\Container\Container(), 'phpredis', [
    'options' => ['prefix' => "{$slug}_database_"],
    'default' => ['host' => '127.0.0.1', 'port' => getenv('CORPUS_PORT'), 'database' => 0],
]);
$cache = new Repository(new RedisStore($redis, "{$slug}_cache", 'default'));
$request = function (?string $id, callable $change, int $minutes = 120) use ($cache): string {
    $session = new Store('laravel_session', new CacheBasedSessionHandler($cache, $minutes), $id);
    $session->start();
    $change($session);
    $session->save();
    if ($session->token()) print('id alnum ' . $session->token() . "\n");
    return $session->getId();
};
$login = fn (string $user) => fn (Store $session) => $session->put('login_web', $user);
$ann = $request(null, $login('ann'));
$request($ann, fn (Store $session) => $session->put('visits', 1));
print("id alnum $ann\n");
$ben = $request($request(null, $login('ben')), fn (Store $session) => $session->invalidate());
print("id alnum $ben\n");
$limiter = new RateLimiter($cache);
foreach (['203.0.113.7', '203.0.113.8'] as $address) $limiter->hit(sha1($address), 60);
$cache->forever('settings', ['theme' => 'dark']);
$cache->put('front-page', '<p>Hello</p>', 600);
