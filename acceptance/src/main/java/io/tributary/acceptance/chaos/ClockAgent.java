package io.tributary.acceptance.chaos;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs in a JVM of the product, into which {@link ClockStep} loads it, and puts that JVM's clock
 * forward or back: the classes by which the product, the JDK and Kafka ask for the time answer so
 * much later. Time that is only measured ({@link System#nanoTime}) goes on as it was, as it does
 * when an administrator sets a clock.
 */
public final class ClockAgent implements ClassFileTransformer {
  private static final String INSTANTS = "java.time.Clock";
  private static final List<String> CLOCKS =
      List.of(
          INSTANTS,
          "java.time.Clock$SystemClock",
          "java.util.Date",
          "org.apache.kafka.common.utils.SystemTime");
  private static final ClassDesc INSTANT = ClassDesc.of("java.time.Instant");

  private final long millis;

  private ClockAgent(long millis) {
    this.millis = millis;
  }

  /**
   * Called by the JVM.
   *
   * @param argument how many milliseconds the clock is ahead from now on; 0 sets it right
   */
  public static void agentmain(String argument, Instrumentation jvm)
      throws UnmodifiableClassException {
    ClockAgent agent = new ClockAgent(Long.parseLong(argument));
    jvm.addTransformer(agent, true);
    try {
      // Each time they are made anew from what they were at first, so steps don't add up.
      jvm.retransformClasses(
          Arrays.stream(jvm.getAllLoadedClasses())
              .filter(type -> CLOCKS.contains(type.getName()))
              .toArray(Class<?>[]::new));
    } finally {
      jvm.removeTransformer(agent);
    }
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      String name,
      @Nullable Class<?> type,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    if (type == null || !CLOCKS.contains(type.getName()) || millis == 0) {
      return null;
    }
    ClassFile file = ClassFile.of();
    return file.transformClass(
        file.parse(bytes),
        ClassTransform.transformingMethodBodies(
            method -> asksForTime(type, method),
            type.getName().equals(INSTANTS) ? (CodeTransform) this::instant : this::count));
  }

  private static boolean asksForTime(Class<?> type, MethodModel method) {
    return !type.getName().equals(INSTANTS) || method.methodName().equalsString("currentInstant");
  }

  private void instant(CodeBuilder code, CodeElement element) {
    if (element instanceof ReturnInstruction) {
      code.loadConstant(millis)
          .invokevirtual(INSTANT, "plusMillis", MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
    }
    code.with(element);
  }

  private void count(CodeBuilder code, CodeElement element) {
    code.with(element);
    if (element instanceof InvokeInstruction call
        && call.opcode() == Opcode.INVOKESTATIC
        && call.name().equalsString("currentTimeMillis")) {
      code.loadConstant(millis).ladd();
    }
  }
}
