import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;

/** The same shop as a servlet. `release.json` in the working folder says how a release differs. */
public class Shop extends HttpServlet {
  static final JsonNode RELEASE = read();
  static final AtomicInteger IN_FLIGHT = new AtomicInteger(), REQUESTS = new AtomicInteger();
  static final List<String> FOR_USERS = List.of("/account", "/orders", "/cart");
  static final List<String> PUBLIC = List.of("/", "/catalog", "/login");

  /** What a session holds. */
  public static class User implements Serializable {
    /** A class has one that another compiler, or a change of its fields, can give another value. */
    static final long serialVersionUID = RELEASE.path("serialVersionUID").asLong(1);
    public String name;
  }

  static JsonNode read() {
    try {
      return new ObjectMapper().readTree(new File("release.json"));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  static String text(String field) {
    return RELEASE.path(field).asText();
  }

  static boolean isUser(HttpServletRequest request) {
    var session = request.getSession(false);
    return session != null && session.getAttribute("user") != null;
  }

  static int items(HttpServletRequest request) {
    return request.getSession().getAttribute("items") instanceof Integer items ? items : 0;
  }

  static void print(HttpServletResponse response, String text) throws IOException {
    response.getWriter().print("<!doctype html><title>Shop</title><script src=\"/assets/app-" + text("asset") + ".js\"></script><p>" + text);
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String path = request.getRequestURI();
    boolean isPost = request.getMethod().equals("POST");
    boolean isJson = path.startsWith("/internal/") || path.equals("/live") || path.equals("/health");
    response.setContentType(isJson ? "application/json" : path.endsWith(".js") ? "text/javascript" : "text/html");
    if (path.equals("/live") || path.equals("/health")) response.getWriter().print("{\"status\":\"UP\"}");
    else if (path.equals("/internal/status")) response.getWriter().print("{\"inFlight\":" + IN_FLIGHT + ",\"requests\":" + REQUESTS + "}");
    else if (path.equals("/assets/app-" + text("asset") + ".js")) response.getWriter().print("document.title");
    else if (path.equals("/login") && isPost) {
      // The crowd has none.
      String password = request.getParameter("password");
      if (password != null && !password.equals("secret of " + request.getParameter("user"))) {
        response.setStatus(401);
        return;
      }
      var before = request.getSession(false);
      if (before != null) before.invalidate();
      var user = new User();
      user.name = request.getParameter("user");
      request.getSession().setAttribute("user", user);
      if (RELEASE.path("security").asBoolean())
        request.getSession().setAttribute("SPRING_SECURITY_CONTEXT", new SecurityContextImpl(
            UsernamePasswordAuthenticationToken.authenticated(user.name, null, AuthorityUtils.createAuthorityList("USER"))));
      response.sendRedirect("/account");
    } else if (FOR_USERS.contains(path) && !isUser(request)) response.sendRedirect("/login");
    else if (path.equals("/cart") && isPost) {
      request.getSession().setAttribute("items", items(request) + 1);
      response.sendRedirect("/cart");
    } else if (path.equals("/logout") && isPost) {
      var session = request.getSession(false);
      if (session != null) session.invalidate();
      response.sendRedirect("/");
    } else if (path.equals("/cart")) print(response, "Cart: " + items(request) + " items");
    else if (path.equals("/account")) print(response, "Account of " + ((User) request.getSession().getAttribute("user")).name);
    else if (path.equals("/api/stock")) response.setStatus(isUser(request) ? 200 : 401);
    else if (FOR_USERS.contains(path) || PUBLIC.contains(path))
      print(response, path);
    else response.sendError(404);
  }

  /** Of users' requests. What throws is answered by Tomcat. */
  static final Filter COUNT = (request, response, chain) -> {
    boolean isCounted = ((HttpServletRequest) request).getHeader("X-Forwarded-For") != null;
    if (isCounted) {
      ((HttpServletResponse) response).setHeader("x-release", System.getenv("HOLDFAST_VERSION"));
      IN_FLIGHT.incrementAndGet();
      REQUESTS.incrementAndGet();
    }
    try {
      chain.doFilter(request, response);
    } finally {
      if (isCounted) IN_FLIGHT.decrementAndGet();
    }
  };
}
