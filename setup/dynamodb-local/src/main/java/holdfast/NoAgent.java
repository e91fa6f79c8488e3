package holdfast;

/** LocalStack starts DynamoDBLocal with an agent of its own, which raises the limit of secondary indexes. This one changes nothing. */
public final class NoAgent {
    private NoAgent() {}

    public static void premain(String arguments) {}
}
