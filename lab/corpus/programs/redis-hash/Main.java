import java.time.Duration;
import java.util.Map;
import org.springframework.data.annotation.Id;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisHash;
import org.springframework.data.redis.core.RedisKeyValueAdapter;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.TimeToLive;
import org.springframework.data.redis.core.index.Indexed;
import org.springframework.data.redis.core.mapping.RedisMappingContext;

public class Main {
  @RedisHash("person")
  static class Person {
    @Id String id;
    @Indexed String name;
  }

  @RedisHash("session:token")
  static class Token {
    @Id String id;
    @Indexed String user;
    @TimeToLive Long seconds;
  }

  public static void main(String[] args) {
    var factory = new LettuceConnectionFactory("127.0.0.1", Integer.parseInt(System.getenv("CORPUS_PORT")));
    factory.afterPropertiesSet();
    factory.start();
    var template = new StringRedisTemplate(factory);
    var adapter = new RedisKeyValueAdapter(template, new RedisMappingContext());
    adapter.afterPropertiesSet();
    var entities = new RedisKeyValueTemplate(adapter, new RedisMappingContext());
    Person ann = new Person();
    ann.id = "3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c01";
    ann.name = "Ann";
    entities.insert(ann);
    Token token = new Token();
    token.id = "3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c02";
    token.user = "ann";
    token.seconds = 3_600L;
    entities.insert(token);
    var caches = RedisCacheManager.builder(factory).cacheDefaults(RedisCacheConfiguration.defaultCacheConfig().entryTtl(Duration.ofMinutes(10)));
    var cache = caches.build().getCache("sessions");
    cache.put("3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c03", "a cached value");
    cache.put("counts", new java.util.TreeMap<>(Map.of("visits", 12)));
    System.exit(0);
  }
}
