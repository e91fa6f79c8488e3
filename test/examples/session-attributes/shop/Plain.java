package shop;

/** Not Serializable. */
public class Plain {
  /** Serializable itself, and what it holds may be or not. */
  public static class Holder implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
    private final Object held;

    public Holder(Runnable held) {
      this.held = held;
    }
  }
}
