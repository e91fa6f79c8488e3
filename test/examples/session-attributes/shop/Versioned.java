package shop;

public class Versioned implements java.io.Serializable {
  private static final long serialVersionUID = 1L;
  private final String name = new String("first");
  private final transient Object cache = new Object();
  /* @NEXT@ */

  @Override
  public String toString() {
    return name + (cache == null ? " without cache" : " with cache");
  }
}
