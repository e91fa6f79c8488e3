package shop;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** Once it is changed, it is compared as others are, and takes a second to be written. */
public class Slow implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long WRITE_MS = 1_000;
  private String state = "old";
  private transient int writes;

  public void change(String to) {
    state = to;
    writes = 0;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    writes += 1;
    if (!state.equals("old") && writes == 2) pause();
    out.defaultWriteObject();
  }

  private static void pause() {
    try {
      Thread.sleep(WRITE_MS);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return state;
  }
}
