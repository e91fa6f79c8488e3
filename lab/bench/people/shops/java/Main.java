import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.AccessLogValve;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.redisson.tomcat.RedissonSessionManager;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.GenericJackson2JsonRedisSerializer;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.data.redis.RedisSessionRepository;
import org.springframework.session.web.http.CookieHttpSessionIdResolver;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.session.web.http.SessionRepositoryFilter;

/** A Tomcat with the shop, whose sessions are Spring Session's or Redisson's. */
public class Main {
  static final Map<String, String> ENV = System.getenv();
  static final boolean HAS_TLS = "true".equals(ENV.get("SESSION_STORE_TLS"));

  public static void main(String[] args) throws Exception {
    Path data = Files.createDirectories(Path.of(ENV.get("HOLDFAST_DATA"), "logs")).getParent();
    if (ENV.containsKey("NODE_EXTRA_CA_CERTS")) trust(Path.of(ENV.get("NODE_EXTRA_CA_CERTS")), data.resolve("trusted.p12"));
    var tomcat = new Tomcat();
    tomcat.setBaseDir(data.toString());
    tomcat.setPort(Integer.parseInt(ENV.get("PORT")));
    var connector = tomcat.getConnector();
    connector.setProperty("address", ENV.get("HOST"));
    connector.setProperty("keepAliveTimeout", "75000");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("maxThreads", "16");
    var context = tomcat.addContext("", data.toString());
    context.setSessionCookieName(Shop.text("cookie"));
    add(context, "count", Shop.COUNT);
    if (Shop.text("sessions").equals("spring")) add(context, "sessions", springSession());
    else context.setManager(redisson(data.resolve("redisson.yaml")));
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/", "shop");
    var log = Shop.RELEASE.get("log");
    if (log != null) {
      var valve = new AccessLogValve();
      valve.setDirectory(data.resolve("logs").toString());
      valve.setPrefix(Path.of(log.get("path").asText()).getFileName().toString());
      valve.setRotatable(false);
      valve.setBuffered(false);
      valve.setPattern(log.get("format").asText());
      tomcat.getHost().getPipeline().addValve(valve);
    }
    tomcat.start();
    Runtime.getRuntime().addShutdownHook(new Thread(connector::pause));
    tomcat.getServer().await();
  }

  static void add(Context context, String name, Filter filter) {
    var definition = new FilterDef();
    definition.setFilterName(name);
    definition.setFilter(filter);
    context.addFilterDef(definition);
    var mapping = new FilterMap();
    mapping.setFilterName(name);
    mapping.addURLPatternDecoded("/*");
    context.addFilterMap(mapping);
  }

  /** A JVM has its authorities in a key store. */
  static void trust(Path authority, Path keyStore) throws Exception {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var in = Files.newInputStream(authority); var out = Files.newOutputStream(keyStore)) {
      store.setCertificateEntry("local", CertificateFactory.getInstance("X.509").generateCertificate(in));
      store.store(out, "changeit".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", keyStore.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
  }

  static SessionRepositoryFilter<?> springSession() {
    var store = new RedisStandaloneConfiguration(ENV.get("SESSION_STORE_HOST"), Integer.parseInt(ENV.get("SESSION_STORE_PORT")));
    store.setUsername(ENV.get("SESSION_STORE_USER"));
    store.setPassword(ENV.get("SESSION_STORE_PASSWORD"));
    var client = LettuceClientConfiguration.builder();
    var factory = new LettuceConnectionFactory(store, HAS_TLS ? client.useSsl().build() : client.build());
    factory.afterPropertiesSet();
    factory.start();
    var template = new RedisTemplate<String, Object>();
    template.setKeySerializer(RedisSerializer.string());
    template.setHashKeySerializer(RedisSerializer.string());
    boolean isJson = Shop.text("format").equals("json");
    template.setDefaultSerializer(isJson ? new GenericJackson2JsonRedisSerializer() : new JdkSerializationRedisSerializer());
    template.setConnectionFactory(factory);
    template.afterPropertiesSet();
    var repository = new RedisSessionRepository(template);
    repository.setRedisKeyNamespace(ENV.get("SESSION_STORE_KEY_PREFIX") + "spring:session");
    var cookie = new DefaultCookieSerializer();
    cookie.setCookieName(Shop.text("cookie"));
    var ids = new CookieHttpSessionIdResolver();
    ids.setCookieSerializer(cookie);
    var filter = new SessionRepositoryFilter<>(repository);
    filter.setHttpSessionIdResolver(ids);
    return filter;
  }

  static RedissonSessionManager redisson(Path settings) throws IOException {
    String codec = Shop.text("format").equals("kryo") ? "Kryo5Codec" : "SerializationCodec";
    String address = (HAS_TLS ? "rediss" : "redis") + "://" + ENV.get("SESSION_STORE_HOST") + ":" + ENV.get("SESSION_STORE_PORT");
    var server = Map.of("address", address, "username", ENV.get("SESSION_STORE_USER"), "password", ENV.get("SESSION_STORE_PASSWORD"),
        "connectionMinimumIdleSize", 4, "connectionPoolSize", 16, "subscriptionConnectionMinimumIdleSize", 1);
    // JSON is YAML.
    Files.writeString(settings, "codec: !<org.redisson.codec." + codec + "> {}\nthreads: 4\nnettyThreads: 4\nsingleServerConfig: "
        + new ObjectMapper().writeValueAsString(server) + "\n");
    var manager = new RedissonSessionManager();
    manager.setConfigPath(settings.toString());
    manager.setKeyPrefix(ENV.get("SESSION_STORE_KEY_PREFIX"));
    manager.setReadMode("REDIS");
    return manager;
  }
}
