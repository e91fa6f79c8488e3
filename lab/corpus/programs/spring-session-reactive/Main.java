import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveRedisTemplate;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializationContext;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.data.redis.ReactiveRedisIndexedSessionRepository;

public class Main {
  static <S extends Session> S login(ReactiveSessionRepository<S> repository, String user) {
    S session = repository.createSession().block();
    session.setAttribute("cart", "three books");
    session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, user);
    repository.save(session).block();
    System.out.println("id uuid " + session.getId());
    return session;
  }

  static <S extends Session> void run(ReactiveSessionRepository<S> repository) {
    login(repository, "ann");
    repository.deleteById(login(repository, "ben").getId()).block();
  }

  public static void main(String[] args) {
    var factory = new LettuceConnectionFactory("127.0.0.1", Integer.parseInt(System.getenv("CORPUS_PORT")));
    factory.afterPropertiesSet();
    factory.start();
    var context = RedisSerializationContext.<String, Object>newSerializationContext(RedisSerializer.java()).key(RedisSerializer.string()).hashKey(RedisSerializer.string()).build();
    run(new ReactiveRedisIndexedSessionRepository(new ReactiveRedisTemplate<>(factory, context), new ReactiveStringRedisTemplate(factory)));
    System.exit(0);
  }
}
