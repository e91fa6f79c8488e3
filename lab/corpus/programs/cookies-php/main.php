<?php
// Serves a site on each framework of PHP: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
if (PHP_SAPI === 'cli') {
    [, $framework, $variant] = $argv;
    $words = ['-n', '-S', '127.0.0.1:' . getenv('PORT')];
    foreach (['extension', 'include_path'] as $name) {
        // What this program was given is given to the server.
        if ($name === 'include_path') array_push($words, '-dinclude_path=' . get_include_path());
    }
    foreach (explode("\0", file_get_contents('/proc/self/cmdline')) as $word) if (str_starts_with($word, '-dextension=')) array_push($words, $word);
    foreach (['FRAMEWORK' => $framework, 'VARIANT' => $variant] as $name => $value) putenv("$name=$value");
    pcntl_exec(PHP_BINARY, [...$words, __FILE__]);
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$variant = getenv('VARIANT');
$minutes = 30;
// What PHP 8.2 says of older libraries would come before the headers.
ini_set('display_errors', '0');
if ($path === '/ready') return;

function php(string $path, string $variant, int $minutes): void
{
    ini_set('session.save_path', sys_get_temp_dir());
    if ($variant === 'hardened') {
        session_name('__Host-SID');
        session_set_cookie_params(['lifetime' => 0, 'path' => '/', 'secure' => true, 'httponly' => true, 'samesite' => 'Strict']);
    }
    if ($variant === 'aged') session_set_cookie_params(['lifetime' => $minutes * 60, 'path' => '/', 'secure' => true, 'samesite' => 'Lax']);
    session_start();
    if ($path === '/login') {
        // Its first cookie stays in the answer.
        session_regenerate_id(true);
        $_SESSION['user'] = 'ann';
        setcookie('remember_me', bin2hex(random_bytes(16)), time() + 86400 * 14, '/', '', true, true);
        if ($variant === 'default') setrawcookie('theme', '"dark"');
    }
    if ($path === '/logout') {
        $_SESSION = [];
        $set = session_get_cookie_params();
        setcookie(session_name(), '', time() - 42000, $set['path'], $set['domain'], $set['secure'], $set['httponly']);
        setcookie('remember_me', '', 1, '/');
        setcookie('remember_me', false);
        session_destroy();
    }
    if ($path === '/account' && $variant === 'aged') setcookie(session_name(), session_id(), ['expires' => time() + $minutes * 60, 'path' => '/', 'secure' => true, 'samesite' => 'Lax']);
    echo 'shop';
}

function symfony(string $path, string $variant, int $minutes): void
{
    require 'Symfony/Component/HttpFoundation/autoload.php';
    $options = ['save_path' => sys_get_temp_dir()] + [
        'default' => ['cookie_secure' => 'auto', 'cookie_samesite' => 'lax', 'cookie_httponly' => true],
        'hardened' => ['name' => '__Host-SID', 'cookie_secure' => true, 'cookie_samesite' => 'strict', 'cookie_httponly' => true],
        'aged' => ['cookie_lifetime' => $minutes * 60, 'cookie_secure' => true],
    ][$variant];
    unset($options['cookie_secure']);
    $options['cookie_secure'] = $variant === 'default' ? 0 : 1;
    $session = new Symfony\Component\HttpFoundation\Session\Session(new Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage($options));
    $session->start();
    $response = new Symfony\Component\HttpFoundation\Response('shop');
    if ($path === '/login') {
        $session->migrate(true);
        $session->set('user', 'ann');
        $response->headers->setCookie(Symfony\Component\HttpFoundation\Cookie::create('REMEMBERME', base64_encode(random_bytes(24)), time() + 31536000, '/', null, true, true, false, 'lax'));
    }
    if ($path === '/logout') {
        $session->invalidate();
        $response->headers->clearCookie('REMEMBERME', '/', null, true, true, 'lax');
    }
    $session->save();
    $response->prepare(Symfony\Component\HttpFoundation\Request::createFromGlobals());
    $response->send();
}

function laravel(string $path, string $variant, int $minutes): void
{
    foreach (['Session', 'Cookie', 'Http', 'Encryption', 'Container', 'Filesystem'] as $part) require_once "Illuminate/$part/autoload.php";
    $config = ['driver' => 'file', 'lifetime' => 120, 'expire_on_close' => false, 'cookie' => 'laravel_session', 'path' => '/', 'domain' => null, 'secure' => null, 'http_only' => true, 'same_site' => 'lax'];
    if ($variant === 'hardened') $config = ['expire_on_close' => true, 'secure' => true, 'same_site' => 'strict', 'cookie' => '__Host-session'] + $config;
    if ($variant === 'aged') $config = ['lifetime' => $minutes, 'secure' => true] + $config;
    $folder = sys_get_temp_dir() . '/laravel-sessions';
    @mkdir($folder);
    $encrypter = new Illuminate\Encryption\Encrypter(str_repeat('7', 32), 'AES-256-CBC');
    $request = Illuminate\Http\Request::capture();
    $prefix = fn (string $name): string => Illuminate\Cookie\CookieValuePrefix::create($name, $encrypter->getKey());
    $open = function (string $name) use ($request, $encrypter): ?string {
        try {
            return Illuminate\Cookie\CookieValuePrefix::remove($encrypter->decrypt($request->cookies->get($name), false));
        } catch (Throwable) {
            return null;
        }
    };
    $store = new Illuminate\Session\Store($config['cookie'], new Illuminate\Session\FileSessionHandler(new Illuminate\Filesystem\Filesystem(), $folder, $config['lifetime']), $open($config['cookie']));
    $store->start();
    $response = new Illuminate\Http\Response('shop');
    $jar = new Illuminate\Cookie\CookieJar();
    if ($path === '/login') {
        $store->migrate(true);
        $store->put('user', 'ann');
        $response->withCookie($jar->forever('remember_web', 'ann|4f1c8a2be7'));
    }
    if ($path === '/logout') {
        $store->invalidate();
        $response->withCookie($jar->forget('remember_web'));
    }
    // As the middlewares StartSession, VerifyCsrfToken and EncryptCookies do it.
    $ends = $config['expire_on_close'] ? 0 : time() + 60 * $config['lifetime'];
    $cookie = fn (string $name, string $value, bool $isHidden) => new Symfony\Component\HttpFoundation\Cookie($name, $value, $ends, $config['path'], $config['domain'], $config['secure'] ?? false, $isHidden, false, $config['same_site']);
    $response->headers->setCookie($cookie($config['cookie'], $store->getId(), true));
    $response->headers->setCookie($cookie('XSRF-TOKEN', $store->token(), false));
    foreach ($response->headers->getCookies() as $one) {
        $value = $one->getValue();
        $sealed = $value === null ? '' : $encrypter->encrypt($prefix($one->getName()) . $value, false);
        $response->headers->setCookie(new Symfony\Component\HttpFoundation\Cookie($one->getName(), $sealed, $one->getExpiresTime(), $one->getPath(), $one->getDomain(), $one->isSecure(), $one->isHttpOnly(), $one->isRaw(), $one->getSameSite()));
    }
    $store->save();
    $response->send();
}

/** Its own functions, with one user and without a database. */
function wordpress(string $path, string $variant, int $minutes): void
{
    // As its documentation has it for a site behind a proxy.
    if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https' && $variant !== 'untrusted') $_SERVER['HTTPS'] = 'on';
    global $wpdb, $wp_object_cache, $table_prefix, $wp_filter, $wp_version, $blog_id;
    [$root, $table_prefix, $content] = [__DIR__ . '/root' . '/usr/share/wordpress/', 'wp_', sys_get_temp_dir() . '/corpus-wordpress'];
    @mkdir($content);
    foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
        define("{$name}_KEY", "a key of the corpus for $name");
        define("{$name}_SALT", "a salt of the corpus for $name");
    }
    foreach (['ABSPATH' => $root, 'SHORTINIT' => true, 'DB_NAME' => '', 'DB_USER' => '', 'DB_PASSWORD' => '', 'DB_HOST' => '', 'WP_CONTENT_DIR' => $content, 'WP_CONTENT_URL' => 'https://shop.example/wp-content', 'WP_SITEURL' => 'https://shop.example', 'WP_HOME' => 'https://shop.example', 'WP_PLUGIN_URL' => 'https://shop.example/wp-content/plugins'] as $name => $value) define($name, $value);
    if ($variant === 'domain') define('COOKIE_DOMAIN', 'shop.example');
    if ($variant === 'shop') define('SITECOOKIEPATH', '/shop/');
    require "{$root}wp-includes/class-wpdb.php";
    $wpdb = new class extends wpdb {
        public function __construct()
        {
        }
        public function query($query)
        {
            return 0;
        }
        public function get_row($query = null, $output = OBJECT, $y = 0)
        {
            return (object) ['ID' => 1, 'user_login' => 'ann', 'user_pass' => 'kept by the corpus', 'user_email' => 'ann@shop.example'];
        }
        public function prepare($query, ...$words)
        {
            return $query;
        }
    };
    require "{$root}wp-settings.php";
    foreach (['l10n', 'class-wp-textdomain-registry', 'capabilities', 'class-wp-roles', 'class-wp-role', 'class-wp-user', 'user', 'class-wp-session-tokens', 'class-wp-user-meta-session-tokens', 'link-template', 'kses', 'rest-api', 'http'] as $file) require_once "{$root}wp-includes/$file.php";
    foreach (['siteurl', 'home'] as $name) add_filter("pre_option_$name", fn () => 'https://shop.example');
    $kept = "$content/sessions.json";
    add_filter('get_user_metadata', fn ($value, $id, $key) => $key === 'session_tokens' ? [json_decode((string) @file_get_contents($kept), true) ?: []] : [], 10, 3);
    add_filter('update_user_metadata', fn ($check, $id, $key, $value) => $key !== 'session_tokens' || file_put_contents($kept, json_encode($value)) !== false, 10, 4);
    add_filter('delete_user_metadata', fn () => @unlink($kept) || true);
    require "{$root}wp-includes/pluggable.php";
    wp_plugin_directory_constants();
    wp_cookie_constants();
    if ($path === '/') setcookie(TEST_COOKIE, 'WP Cookie check', 0, SITECOOKIEPATH, COOKIE_DOMAIN, is_ssl());
    if ($path === '/login') wp_set_auth_cookie(1, $variant === 'remembered');
    if ($path === '/account') header('X-User: ' . (wp_validate_auth_cookie('', 'logged_in') ?: 'none'));
    if ($path === '/logout') wp_clear_auth_cookie();
    echo 'shop';
}

getenv('FRAMEWORK')($path, $variant, $minutes);
