import java.time.Duration;
import org.redisson.Redisson;
import org.redisson.config.Config;
import org.redisson.spring.data.connection.RedissonConnectionFactory;
import org.redisson.spring.session.RedissonSessionRepository;
import org.springframework.data.redis.core.RedisOperations;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;

/** Spring Session over Redisson: Spring's own indexed repository on Redisson's connections, or Redisson's repository. */
public class Main {
  static <S extends Session> S login(SessionRepository<S> repository, String user) {
    S session = repository.createSession();
    session.setAttribute("user", user);
    repository.save(session);
    System.out.println("id uuid " + session.getId());
    return session;
  }

  static <S extends Session> void run(SessionRepository<S> repository) throws Exception {
    S ann = login(repository, "ann");
    S again = repository.findById(ann.getId());
    again.setLastAccessedTime(java.time.Instant.now());
    repository.save(again);

    S ben = login(repository, "ben");
    repository.deleteById(ben.getId());

    S eve = login(repository, "eve");
    eve.setMaxInactiveInterval(Duration.ofSeconds(1));
    repository.save(eve);
    Thread.sleep(1_500);
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  public static void main(String[] args) throws Exception {
    Config config = new Config();
    config.useSingleServer().setAddress("redis://127.0.0.1:" + System.getenv("CORPUS_PORT"));
    var redisson = Redisson.create(config);
    if (args[0].equals("own")) {
      run(new RedissonSessionRepository(redisson, event -> {}));
      Runtime.getRuntime().halt(0);
    }
    var factory = new RedissonConnectionFactory(redisson);
    factory.afterPropertiesSet();
    var template = new RedisTemplate<String, Object>();
    template.setKeySerializer(RedisSerializer.string());
    template.setHashKeySerializer(RedisSerializer.string());
    template.setConnectionFactory(factory);
    template.afterPropertiesSet();
    run(new RedisIndexedSessionRepository((RedisOperations) template));
    Runtime.getRuntime().halt(0);
  }
}
