import org.apache.shiro.session.mgt.SimpleSession;
import org.crazycake.shiro.RedisManager;
import org.crazycake.shiro.RedisSessionDAO;

public class Main {
  static SimpleSession login(RedisSessionDAO dao, String user, long timeoutMs) {
    SimpleSession session = new SimpleSession("203.0.113.7");
    session.setTimeout(timeoutMs);
    dao.create(session);
    session.setAttribute("user", user);
    dao.update(session);
    System.out.println("id uuid " + session.getId());
    return session;
  }

  public static void main(String[] args) throws Exception {
    RedisManager manager = new RedisManager();
    manager.setHost("127.0.0.1:" + System.getenv("CORPUS_PORT"));
    RedisSessionDAO dao = new RedisSessionDAO();
    dao.setRedisManager(manager);
    SimpleSession ann = login(dao, "ann", 3_600_000);
    ann.touch();
    dao.update(ann);
    dao.delete(login(dao, "ben", 3_600_000));
    login(dao, "eve", 1_000);
    Thread.sleep(1_500);
    System.exit(0);
  }
}
