package holdfast;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** Whether a path answers on the main connector, as the load balancer or a first visitor sees it. */
final class PathCheck {
  private static final int CONNECT_MS = 500;
  private static final int READ_MS = 1_500;

  private PathCheck() {}

  /** What is wrong with the path's answer; null if its status is one of `codes`: `200,302` or `200-399`. */
  static String problemOf(int port, String path, String codes) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection(Proxy.NO_PROXY);
    try {
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(CONNECT_MS);
      connection.setReadTimeout(READ_MS);
      connection.setRequestProperty("User-Agent", "holdfast-probe");
      connection.setRequestProperty("Connection", "close");
      int status = connection.getResponseCode();
      return matches(codes, status) ? null : path.replaceAll("\\?.*", "") + " answers " + status + ", and " + codes + " is expected";
    } finally {
      connection.disconnect();
    }
  }

  private static boolean matches(String codes, int status) {
    for (String part : codes.split(",")) {
      String[] range = part.split("-");
      int lowest = Integer.parseInt(range[0]);
      int highest = Integer.parseInt(range[range.length - 1]);
      if (lowest <= status && status <= highest) return true;
    }
    return false;
  }
}
