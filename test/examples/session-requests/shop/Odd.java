package shop;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ConcurrentModificationException;

/** Once it is changed, it is compared as others are, and cannot be written, or cannot be compared either. */
public class Odd implements Serializable {
  private static final long serialVersionUID = 1L;
  private int changes;
  private String kind = "odd";
  private transient int writes;

  public void change() {
    changes += 1;
    writes = 0;
  }

  public void change(String to) {
    kind = to;
    change();
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    writes += 1;
    if (changes > 0 && writes == 2 && kind.equals("busy")) throw new ConcurrentModificationException();
    if (changes > 0 && writes == 2) throw new IllegalStateException("ann@example.com is odd");
    if (changes > 0 && kind.equals("broken")) throw new Error("ann@example.com is broken");
    out.defaultWriteObject();
  }

  @Override
  public String toString() {
    return kind + changes;
  }
}
