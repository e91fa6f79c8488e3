package org.apache.juli;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

public class OneLineFormatter extends Formatter {
  @Override public native String format(LogRecord record);
}
