import io.micronaut.context.ApplicationContext;
import io.micronaut.core.serialize.ObjectSerializer;
import io.micronaut.session.Session;
import io.micronaut.session.SessionStore;
import java.time.Duration;
import java.util.Map;

public class Main {
  @SuppressWarnings("unchecked")
  static <S extends Session> void run(SessionStore<S> store) throws Exception {
    S ann = store.newSession();
    ann.put("user", "ann");
    store.save(ann).get();
    System.out.println("id uuid " + ann.getId());
    S used = store.findSession(ann.getId()).get().orElseThrow();
    used.put("visits", 1);
    store.save(used).get();
    S ben = store.newSession();
    ben.put("user", "ben");
    store.save(ben).get();
    System.out.println("id uuid " + ben.getId());
    store.deleteSession(ben.getId()).get();
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> settings = Map.of(
      "redis.uri", "redis://127.0.0.1:" + System.getenv("CORPUS_PORT"),
      "micronaut.session.http.redis.enabled", true,
      "micronaut.session.http.redis.write-mode", "BATCH");
    // The runtime's own default.
    var context = ApplicationContext.builder(settings).singletons(ObjectSerializer.JDK).start();
    run(context.getBean(SessionStore.class));
    Thread.sleep(500);
    System.exit(0);
  }
}
