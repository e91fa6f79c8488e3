package shop;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** Once it is changed, it is compared as others are, and cannot be written. */
public class Odd implements Serializable {
  private static final long serialVersionUID = 1L;
  private int changes;
  private transient int writes;

  public void change() {
    changes += 1;
    writes = 0;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    writes += 1;
    if (changes > 0 && writes == 2) throw new IllegalStateException("ann@example.com is odd");
    out.defaultWriteObject();
  }
}
