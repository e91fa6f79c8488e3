import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.sstore.redis.RedisSessionStore;
import io.vertx.redis.client.Redis;
import java.util.concurrent.TimeUnit;

public class Main {
  static int start(Vertx vertx, long timeoutMs) throws Exception {
    var store = RedisSessionStore.create(vertx, Redis.createClient(vertx, "redis://127.0.0.1:" + System.getenv("CORPUS_PORT")));
    var router = Router.router(vertx);
    router.route().handler(SessionHandler.create(store).setSessionTimeout(timeoutMs));
    router.get("/:what").handler(context -> {
      switch (context.pathParam("what")) {
        case "use" -> context.session().put("visits", 1);
        case "logout" -> context.session().destroy();
        default -> context.session().put("user", context.pathParam("what"));
      }
      context.end(context.session().id());
    });
    return vertx.createHttpServer().requestHandler(router).listen(0).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS).actualPort();
  }

  static String[] get(Vertx vertx, int port, String path, String cookie) throws Exception {
    var answer = WebClient.create(vertx).get(port, "127.0.0.1", path).putHeader("Cookie", cookie).send().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    Buffer body = answer.body();
    String set = answer.getHeader("Set-Cookie");
    return new String[] {body == null ? "" : body.toString(), set == null ? "" : set.split(";")[0]};
  }

  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    int port = start(vertx, 1_800_000);
    String[] ann = get(vertx, port, "/ann", "");
    System.out.println("id hex " + ann[0]);
    get(vertx, port, "/use", ann[1]);
    get(vertx, port, "/logout", get(vertx, port, "/ben", "")[1]);
    get(vertx, start(vertx, 1_000), "/eve", "");
    Thread.sleep(1_500);
    System.exit(0);
  }
}
