import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.time.Duration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisOperations;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.GenericJackson2JsonRedisSerializer;
import org.springframework.data.redis.serializer.JdkSerializationRedisSerializer;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;
import org.springframework.session.data.redis.RedisIndexedSessionRepository;
import org.springframework.session.data.redis.RedisSessionRepository;

public class Main {
  static class KryoSerializer implements RedisSerializer<Object> {
    private final Kryo kryo = new Kryo();

    KryoSerializer() {
      kryo.setRegistrationRequired(false);
    }

    public byte[] serialize(Object value) {
      if (value == null) return null;
      Output output = new Output(64, -1);
      kryo.writeClassAndObject(output, value);
      return output.toBytes();
    }

    public Object deserialize(byte[] bytes) {
      return bytes == null ? null : kryo.readClassAndObject(new Input(bytes));
    }
  }

  static RedisSerializer<Object> serializer(String name) {
    return switch (name) {
      case "json" -> new GenericJackson2JsonRedisSerializer();
      case "kryo" -> new KryoSerializer();
      default -> new JdkSerializationRedisSerializer();
    };
  }

  static <S extends Session> S login(SessionRepository<S> repository, String user) {
    S session = repository.createSession();
    session.setAttribute("cart", "three books");
    session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, user);
    repository.save(session);
    System.out.println("id uuid " + session.getId());
    return session;
  }

  static <S extends Session> void run(SessionRepository<S> repository) throws Exception {
    S ann = login(repository, "ann");
    ann.changeSessionId();
    repository.save(ann);
    System.out.println("id uuid " + ann.getId());
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

  /** Its keys' type in Java differs from one version to the next. */
  @SuppressWarnings({"rawtypes", "unchecked"})
  public static void main(String[] args) throws Exception {
    var factory = new LettuceConnectionFactory("127.0.0.1", Integer.parseInt(System.getenv("CORPUS_PORT")));
    factory.afterPropertiesSet();
    try {
      factory.getClass().getMethod("start").invoke(factory);
    } catch (NoSuchMethodException old) {
      // Before Spring Data 3.2 it starts by itself.
    }
    var template = new RedisTemplate<String, Object>();
    template.setKeySerializer(RedisSerializer.string());
    template.setHashKeySerializer(RedisSerializer.string());
    template.setDefaultSerializer(serializer(args[1]));
    template.setConnectionFactory(factory);
    template.afterPropertiesSet();
    if (args[0].equals("default")) run(new RedisSessionRepository((RedisOperations) template));
    else {
      var repository = new RedisIndexedSessionRepository((RedisOperations) template);
      repository.setDefaultSerializer(serializer(args[1]));
      if (args.length > 2) repository.setRedisKeyNamespace(args[2]);
      run(repository);
    }
    System.exit(0);
  }
}
