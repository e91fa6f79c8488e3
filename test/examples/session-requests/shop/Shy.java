package shop;

import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** Says in its own words that it is not written. */
public class Shy implements Serializable {
  private static final long serialVersionUID = 1L;

  private void writeObject(ObjectOutputStream out) throws IOException {
    throw new NotSerializableException("AnnExample");
  }
}
