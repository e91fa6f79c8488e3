<?php
// Sessions and cookies that Symfony cannot read or decrypt, as Monolog writes them. Each entry's first line names what was wrong.
foreach (['Symfony/Component/Security/Http', 'Symfony/Component/Cache', 'Symfony/Component/HttpKernel', 'Monolog'] as $part) {
    require_once "$part/autoload.php";
}

use Monolog\Handler\StreamHandler;
use Monolog\Logger;
use Symfony\Component\Cache\Marshaller\SodiumMarshaller;
use Symfony\Component\ErrorHandler\ErrorHandler;
use Symfony\Component\EventDispatcher\EventDispatcher;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\RequestStack;
use Symfony\Component\HttpFoundation\Session\Session;
use Symfony\Component\HttpFoundation\Session\Storage\Handler\IdentityMarshaller;
use Symfony\Component\HttpFoundation\Session\Storage\Handler\MarshallingSessionHandler;
use Symfony\Component\HttpFoundation\Session\Storage\Handler\NativeFileSessionHandler;
use Symfony\Component\HttpFoundation\Session\Storage\MockArraySessionStorage;
use Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage;
use Symfony\Component\HttpKernel\Event\ExceptionEvent;
use Symfony\Component\HttpKernel\Event\RequestEvent;
use Symfony\Component\HttpKernel\EventListener\ErrorListener;
use Symfony\Component\HttpKernel\HttpKernelInterface;
use Symfony\Component\PropertyAccess\PropertyAccess;
use Symfony\Component\Security\Core\Authentication\Token\Storage\TokenStorage;
use Symfony\Component\Security\Core\Signature\SignatureHasher;
use Symfony\Component\Security\Core\User\InMemoryUser;
use Symfony\Component\Security\Core\User\InMemoryUserProvider;
use Symfony\Component\Security\Http\Authentication\AuthenticatorManager;
use Symfony\Component\Security\Http\Authenticator\RememberMeAuthenticator;
use Symfony\Component\Security\Http\Firewall\ContextListener;
use Symfony\Component\Security\Http\RememberMe\RememberMeDetails;
use Symfony\Component\Security\Http\RememberMe\SignatureRememberMeHandler;

$log = tempnam(sys_get_temp_dir(), 'words');
$stream = new StreamHandler($log, Logger::INFO);
$stream->getFormatter()->includeStacktraces();
[$request, $security, $php] = array_map(fn ($channel) => new Logger($channel, [$stream]), ['request', 'security', 'php']);
// A folder that is cut short would be the machine's.
ini_set('zend.exception_string_param_max_len', '0');
ob_start();
// What this Symfony says of a later PHP is not what is recorded.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
$handler = ErrorHandler::register(new ErrorHandler());
$handler->setDefaultLogger($php, E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
$handler->throwAt(0, true);

class Kernel implements HttpKernelInterface
{
    public function handle(Request $request, int $type = self::MAIN_REQUEST, bool $catch = true)
    {
    }
}
$kernel = new Kernel();

/** @param string $name of the first entry; those that follow it are named after it */
function wrong(string $name, callable $do): void
{
    global $log, $kernel, $request;
    file_put_contents($log, '');
    try {
        $do();
    } catch (Throwable $error) {
        (new ErrorListener('error', $request))->logKernelException(new ExceptionEvent($kernel, Request::create('/account'), HttpKernelInterface::MAIN_REQUEST, $error));
    }
    foreach (preg_split('/^(?=\[\d{4}-)/m', file_get_contents($log), -1, PREG_SPLIT_NO_EMPTY) as $at => $entry)
        fwrite(STDERR, "\x1e$name" . ($at ? ', the exception' : '') . "\n$entry");
}

/** What was in the session is another release's. */
$ask = function (string $token) use ($kernel, $security) {
    $session = new Session(new MockArraySessionStorage());
    $session->set('_security_main', $token);
    $asked = Request::create('/account', 'GET', [], [$session->getName() => 'aaaaaaaaaaaaaaaaaaaaaaaaaa']);
    $asked->setSession($session);
    (new ContextListener(new TokenStorage(), [], 'main', $security))->authenticate(new RequestEvent($kernel, $asked, HttpKernelInterface::MAIN_REQUEST));
};
wrong('class removed', fn () => $ask('O:8:"App\\User":1:{s:4:"name";s:3:"ann";}'));
wrong('another codec', fn () => $ask('{"user":"ann"}'));

$folder = tempnam(sys_get_temp_dir(), "words");
$open = function (string $key) use ($folder) {
    session_id('aaaaaaaaaaaaaaaaaaaaaaaaaa');
    $files = new Symfony\Component\HttpFoundation\Session\Storage\Handler\StrictSessionHandler(new class ($folder) extends SessionHandler {
        public function __construct(private string $folder)
        {
        }
        public function open($path, $name): bool
        {
            return true;
        }
        public function read($id): string|false
        {
            return (string) @file_get_contents($this->folder);
        }
        public function write($id, $data): bool
        {
            return file_put_contents($this->folder, $data) !== false;
        }
        public function close(): bool
        {
            return true;
        }
        public function destroy($id): bool
        {
            return true;
        }
    });
    $options = ['use_cookies' => 0, 'use_strict_mode' => 0, 'cache_limiter' => ''];
    $session = new Session(new NativeSessionStorage($options, new MarshallingSessionHandler($files, new SodiumMarshaller([$key], new IdentityMarshaller()))));
    $session->start();
    $session->set('user', 'ann');
    $session->save();
};
$keys = [sodium_crypto_box_keypair(), sodium_crypto_box_keypair()];
$open($keys[0]);
wrong('another key, SodiumMarshaller', fn () => $open($keys[1]));
unlink($folder);

wrong('another APP_SECRET, remember me', function () use ($security) {
    $ann = new InMemoryUser('ann', 'kept');
    $users = new InMemoryUserProvider(['ann' => ['password' => 'kept']]);
    $hasher = fn (string $secret) => new SignatureHasher(PropertyAccess::createPropertyAccessor(), ['password'], $secret);
    $expires = time() + 3600;
    $cookie = new RememberMeDetails(InMemoryUser::class, 'ann', $expires, $hasher('old')->computeSignatureHash($ann, $expires));
    $asked = Request::create('/account', 'GET', [], ['REMEMBERME' => $cookie->toString()]);
    $stack = new RequestStack();
    $stack->push($asked);
    $handler = new SignatureRememberMeHandler($hasher('new'), $users, $stack, ['name' => 'REMEMBERME', 'lifetime' => 3600, 'path' => '/', 'domain' => null, 'secure' => false, 'httponly' => true, 'samesite' => null, 'always_remember_me' => true, 'remember_me_parameter' => '_remember_me'], $security);
    $manager = new AuthenticatorManager([new RememberMeAuthenticator($handler, 'new', new TokenStorage(), 'REMEMBERME', $security)], new TokenStorage(), new EventDispatcher(), 'main', $security);
    if ($manager->supports($asked) !== false) $manager->authenticateRequest($asked);
});
unlink($log);
