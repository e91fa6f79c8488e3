package holdfast;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * How many members a server reached when it stopped. A release with another port or another list of nodes reaches none, and without that
 * number would look like the first server of a new cluster.
 */
final class MembersBefore {
  private MembersBefore() {}

  /** The base's folder of logs is the one that a start leaves as it is. */
  private static Path file() {
    return Paths.get(System.getProperty("catalina.base"), "logs", "cluster-members");
  }

  static void write(int members) {
    try {
      Files.write(file(), Integer.toString(members).getBytes(StandardCharsets.US_ASCII));
    } catch (IOException error) {
      System.err.println("holdfast: the number of members cannot be written: " + error);
    }
  }

  /** 0 before the first stop. */
  static int read() {
    try {
      return Integer.parseInt(new String(Files.readAllBytes(file()), StandardCharsets.US_ASCII).trim());
    } catch (IOException | NumberFormatException unknown) {
      return 0;
    }
  }
}
