import cn.dev33.satoken.SaManager;
import cn.dev33.satoken.dao.SaTokenDaoRedisJackson;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

public class Main {
  public static void main(String[] args) {
    var port = Integer.parseInt(System.getenv("CORPUS_PORT"));
    var connections = new JedisConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", port));
    connections.afterPropertiesSet();
    var dao = new SaTokenDaoRedisJackson();
    dao.init(connections);
    SaManager.setSaTokenDao(dao);
    SaManager.getConfig().setIsPrint(false).setActiveTimeout(1800);
    var logic = SaManager.getStpLogic("login");
    var token = logic.createLoginSession(10001);
    System.out.println("id uuid " + token);
    logic.getSessionByLoginId(10001).set("name", "ann");
    logic.getTokenSessionByToken(token).set("cart", "1");
    System.exit(0);
  }
}
