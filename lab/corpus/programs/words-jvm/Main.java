import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.redisson.Redisson;
import org.redisson.config.Config;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPooled;

public class Main {
  static final String HOST = System.getenv("STORE_HOST");
  static final int PORT = Integer.parseInt(System.getenv("STORE_PORT"));
  static final String USER = System.getenv("STORE_USER");
  static final String PASSWORD = System.getenv("STORE_PASSWORD");
  static final String CA = System.getenv("STORE_CA");

  static final String KEY = "shop:1";

  interface Store {
    void use() throws Exception;
  }

  static KeyStore trusted() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(CA)));
    return store;
  }

  static Store lettuce() {
    RedisURI.Builder uri = RedisURI.builder().withHost(HOST).withPort(PORT).withTimeout(Duration.ofMillis(1500)).withSsl(CA != null);
    if (PASSWORD != null && USER != null) uri.withAuthentication(USER, PASSWORD);
    else if (PASSWORD != null) uri.withPassword(PASSWORD.toCharArray());
    RedisClient client = RedisClient.create(uri.build());
    ClientOptions.Builder options = ClientOptions.builder().socketOptions(SocketOptions.builder().connectTimeout(Duration.ofSeconds(2)).build());
    if (CA != null) options.sslOptions(SslOptions.builder().trustManager(new File(CA)).build());
    client.setOptions(options.build());
    var connection = client.connect();
    return () -> {
      connection.sync().get(KEY);
      connection.sync().set(KEY, "ann");
    };
  }

  static Store jedis() throws Exception {
    var config = DefaultJedisClientConfig.builder().connectionTimeoutMillis(2000).socketTimeoutMillis(1500).user(USER).password(PASSWORD).ssl(CA != null);
    if (CA != null) {
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted());
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      config.sslSocketFactory(context.getSocketFactory());
    }
    var jedis = new JedisPooled(new HostAndPort(HOST, PORT), config.build());
    return () -> {
      jedis.get(KEY);
      jedis.set(KEY, "ann");
    };
  }

  static Store redisson() throws Exception {
    Config config = new Config();
    var server = config.useSingleServer().setAddress((CA == null ? "redis://" : "rediss://") + HOST + ":" + PORT);
    server.setConnectTimeout(2000).setTimeout(1500).setRetryAttempts(1).setConnectionMinimumIdleSize(1).setConnectionPoolSize(2);
    server.setSubscriptionConnectionMinimumIdleSize(0).setUsername(USER).setPassword(PASSWORD);
    if (CA != null) {
      var file = File.createTempFile("trusted", ".jks");
      file.deleteOnExit();
      try (var out = new java.io.FileOutputStream(file)) {
        trusted().store(out, "changeit".toCharArray());
      }
      server.setSslTruststore(file.toURI().toURL()).setSslTruststorePassword("changeit");
    }
    var client = Redisson.create(config);
    return () -> {
      client.getBucket(KEY).get();
      client.getBucket(KEY).set("ann");
    };
  }

  public static void main(String[] args) {
    System.setProperty("logback.configurationFile", "logback.xml");
    // As Tomcat logs what a servlet threw.
    var log = LoggerFactory.getLogger("o.a.c.c.C.[.[.[/].[dispatcherServlet]");
    try {
      Store store = switch (args[0]) {
        case "lettuce" -> lettuce();
        case "jedis" -> jedis();
        default -> redisson();
      };
      if (System.getenv("STORE_WAITS") != null) {
        store.use();
        System.out.println("\u001dready");
        new BufferedReader(new InputStreamReader(System.in)).readLine();
      }
      store.use();
    } catch (Exception error) {
      log.error("Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception", error);
    }
    System.exit(0);
  }
}
