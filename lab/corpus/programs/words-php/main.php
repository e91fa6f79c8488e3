<?php
// What PHP logs about an exception that nobody has caught, and about sessions by phpredis.
error_reporting(E_ALL);
ini_set('log_errors', '1');
ini_set('display_errors', '0');
// Standard error is a socket here, which PHP cannot open.
$log = tempnam(sys_get_temp_dir(), 'words');
ini_set('error_log', $log);
register_shutdown_function(function () use ($log) {
    fwrite(STDERR, file_get_contents($log));
    unlink($log);
});
ini_set('default_socket_timeout', '2');

$host = getenv('STORE_HOST');
$port = (int) getenv('STORE_PORT');
[$user, $password, $ca] = [getenv('STORE_USER'), getenv('STORE_PASSWORD'), getenv('STORE_CA')];
$login = $password ? array_filter([$user ?: null, $password]) : null;

if (($argv[1] ?? '') === 'sessions') {
    if ($ca) exit(0);
    ini_set('session.save_handler', 'redis');
    $auth = $login ? '&' . http_build_query(['auth' => array_values($login)]) : '';
    ini_set('session.save_path', "tcp://$host:$port?timeout=2&read_timeout=1.5$auth");
    if (getenv('STORE_WAITS')) {
        session_id('aaaaaaaaaaaaaaaaaaaaaaaaaa');
        session_start();
        $_SESSION['user'] = 'ann';
        session_write_close();
        fwrite(STDOUT, "\x1dready\n");
        fgets(STDIN);
    }
    session_id('bbbbbbbbbbbbbbbbbbbbbbbbbb');
    session_start();
    $_SESSION['user'] = 'ben';
    session_write_close();
    exit(0);
}

$redis = new Redis();
$context = $ca ? ['stream' => ['cafile' => $ca, 'peer_name' => 'localhost']] : [];
$redis->connect($ca ? "tls://$host" : $host, $port, 2, null, 0, 1.5, $context);
if ($login) $redis->auth(array_values($login));
if (getenv('STORE_WAITS')) {
    $redis->get('shop:1');
    fwrite(STDOUT, "\x1dready\n");
    fgets(STDIN);
}
if (($redis->get('shop:1') === false && $redis->getLastError()) || $redis->set('shop:1', 'ann') === false) throw new RuntimeException($redis->getLastError());
