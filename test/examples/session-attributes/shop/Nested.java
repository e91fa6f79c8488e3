package shop;

public class Nested implements java.io.Serializable {
  private static final long serialVersionUID = 1L;
  private final Plain plain = new Plain();
}
