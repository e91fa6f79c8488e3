package com.example.counter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A log that begins anew at 10 MB; the four before it are kept, as `.1` to `.4`. */
class RotatingFile {
  private static final long MOST_BYTES = 10L * 1024 * 1024;
  private static final int KEPT_FILES = 4;

  private final Path path;
  private long bytes;

  RotatingFile(String folder, String name) {
    path = Path.of(folder, name);
    try {
      Files.createDirectories(path.getParent());
      bytes = Files.exists(path) ? Files.size(path) : 0;
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /** A line that cannot be written is lost: the request goes on. */
  synchronized void write(String line) {
    try {
      Files.writeString(path, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      bytes += line.length() + 1;
      if (bytes >= MOST_BYTES) rotate();
    } catch (IOException exception) {
      bytes = 0;
    }
  }

  private void rotate() throws IOException {
    bytes = 0;
    for (var number = KEPT_FILES - 1; number >= 0; number--) {
      var older = number == 0 ? path : numbered(number);
      if (Files.exists(older)) Files.move(older, numbered(number + 1), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }
}
