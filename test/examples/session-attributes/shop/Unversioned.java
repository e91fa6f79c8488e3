package shop;

public class Unversioned implements java.io.Serializable {
  private final String name = new String("first");
  private final transient Object cache = new Object();
  /* @NEXT@ */

  @Override
  public String toString() {
    return name + (cache == null ? " without cache" : " with cache");
  }
}
