import java.io.IOException;
import java.nio.file.Files;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.shiro.SecurityUtils;
import org.apache.shiro.authc.UsernamePasswordToken;
import org.apache.shiro.realm.SimpleAccountRealm;
import org.apache.shiro.web.filter.mgt.PathMatchingFilterChainResolver;
import org.apache.shiro.web.mgt.CookieRememberMeManager;
import org.apache.shiro.web.mgt.DefaultWebSecurityManager;
import org.apache.shiro.web.servlet.AbstractShiroFilter;
import org.apache.shiro.web.servlet.Cookie;
import org.apache.shiro.web.session.mgt.DefaultWebSessionManager;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** A shop with Shiro's own sessions: GET / visits, POST /login gives a user one, GET /account uses it, POST /logout ends it. */
public class Main {
  static String variant;

  static class Shop extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String path = request.getPathInfo();
      if (path.equals("/ready")) return;
      var user = SecurityUtils.getSubject();
      response.setContentType("text/plain");
      if (path.equals("/login")) {
        user.login(new UsernamePasswordToken("ann", "secret", !variant.equals("default")));
      } else if (path.equals("/logout")) {
        user.logout();
      } else {
        user.getSession().setAttribute("visits", 1);
      }
      response.getWriter().print("shop");
    }
  }

  static class Filter extends AbstractShiroFilter {
    Filter() {
      var realm = new SimpleAccountRealm();
      realm.addAccount("ann", "secret");
      var manager = new DefaultWebSecurityManager(realm);
      var sessions = new DefaultWebSessionManager();
      var remember = new CookieRememberMeManager();
      for (Cookie cookie : new Cookie[] {sessions.getSessionIdCookie(), remember.getCookie()}) {
        if (variant.equals("hardened") || variant.equals("aged")) cookie.setSecure(true);
        if (variant.equals("hardened")) cookie.setSameSite(Cookie.SameSiteOptions.STRICT);
      }
      if (variant.equals("hardened")) sessions.getSessionIdCookie().setName("__Host-SID");
      if (variant.equals("hardened")) sessions.getSessionIdCookie().setPath("/");
      if (variant.equals("aged")) sessions.getSessionIdCookie().setMaxAge(1_800);
      manager.setSessionManager(sessions);
      manager.setRememberMeManager(remember);
      setSecurityManager(manager);
      setFilterChainResolver(new PathMatchingFilterChainResolver());
    }
  }

  public static void main(String[] args) throws Exception {
    variant = args[1];
    var folder = Files.createTempDirectory("tomcat");
    var tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
    var context = tomcat.addContext("", folder.toString());
    tomcat.getEngine().getPipeline().addValve(new RemoteIpValve());
    var definition = new FilterDef();
    definition.setFilterName("shiro");
    definition.setFilter(new Filter());
    context.addFilterDef(definition);
    var map = new FilterMap();
    map.setFilterName("shiro");
    map.addURLPattern("/*");
    context.addFilterMap(map);
    Tomcat.addServlet(context, "shop", new Shop());
    context.addServletMappingDecoded("/*", "shop");
    tomcat.getConnector();
    tomcat.start();
    Thread.currentThread().join();
  }
}
