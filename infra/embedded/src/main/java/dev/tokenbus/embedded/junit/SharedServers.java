package dev.tokenbus.embedded.junit;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.EmbeddedPostgres;
import dev.tokenbus.embedded.EmbeddedRegistry;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the servers they name as parameters of constructor or method: {@link EmbeddedBroker},
 * {@link EmbeddedPostgres}, {@link InMemoryRegistry}, {@link EmbeddedRegistry}. Each is started
 * when the first test asks and stopped after the last, so tests keep apart by topic, group, table
 * and subject, and do not close what they are given.
 *
 * <pre>
 * &#064;ExtendWith(SharedServers.class)
 * class RouterIT {
 *   RouterIT(EmbeddedBroker broker, InMemoryRegistry registry) {
 * </pre>
 */
public final class SharedServers implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedServers.class);
  private static final Map<Class<?>, Supplier<AutoCloseable>> STARTS =
      Map.of(
          EmbeddedBroker.class, EmbeddedBroker::startTemporary,
          EmbeddedPostgres.class, EmbeddedPostgres::startTemporary,
          EmbeddedRegistry.class, EmbeddedRegistry::startTemporary,
          InMemoryRegistry.class, InMemoryRegistry::start);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return STARTS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // The root's store closes what is AutoCloseable in it when all tests have run.
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(parameter.getParameter().getType(), SharedServers::start);
  }

  private static AutoCloseable start(Class<?> type) {
    Supplier<AutoCloseable> start = STARTS.get(type);
    if (start == null) {
      throw new IllegalArgumentException("no server of type " + type);
    }
    return start.get();
  }
}
