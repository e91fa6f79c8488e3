package shop;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** Is written under a lock of the application's. */
public class Guarded implements Serializable {
  public static final Object LOCK = new Object();
  private static final long serialVersionUID = 1L;

  private void writeObject(ObjectOutputStream out) throws IOException {
    synchronized (LOCK) {
      out.defaultWriteObject();
    }
  }
}
